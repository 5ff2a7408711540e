package redraft.model.onnx;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import redraft.model.LanguageModel;
import redraft.model.ModelException;
import redraft.model.Tokenizer;

/** A model directory loaded: one target, its drafts, and the tokenizer they share. */
public final class OnnxPair implements AutoCloseable {
  private final PairManifest manifest;
  private final TransformersConfig config;
  private final Set<Integer> endTokens;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final DjlTokenizer tokenizer;
  private final OnnxLanguageModel target;
  private final List<LanguageModel> drafts = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  /**
   * Loads a model directory.
   *
   * @throws ModelException if a file is missing, changed or no model, if the target cannot score
   *     several tokens a pass, or if the vocabularies differ
   */
  public OnnxPair(Path directory, OnnxOptions targetOptions, OnnxOptions draftOptions) {
    manifest = PairManifest.read(directory);
    config = config(directory, manifest);
    endTokens = endTokens(directory, manifest, vocabulary(directory, manifest), config);
    try {
      tokenizer = opened(new DjlTokenizer(directory.resolve(manifest.tokenizer().file())));
      target = load(directory, manifest.target(), targetOptions);
      if (target.draftOnly() != null) {
        throw new ModelException(
            "model '" + target.name() + "' can draft but not be the target: " + target.draftOnly());
      }
      for (PairManifest.ModelEntry draft : manifest.drafts()) {
        drafts.add(load(directory, draft, draftOptions));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** The files of Transformers: beside the target, above it, at the top, beside the tokenizer. */
  static TransformersConfig config(Path directory, PairManifest manifest) {
    Path target = directory.resolve(manifest.target().file()).getParent();
    Path tokenizer = directory.resolve(manifest.tokenizer().file()).getParent();
    Set<Path> folders = new LinkedHashSet<>(List.of(target));
    if (!target.equals(directory)) {
      folders.add(target.resolveSibling(".").normalize());
    }
    folders.add(directory);
    folders.add(tokenizer);
    return new TransformersConfig(List.copyOf(folders));
  }

  static Set<Integer> endTokens(
      Path directory,
      PairManifest manifest,
      TokenizerVocabulary vocabulary,
      TransformersConfig config) {
    if (manifest.endTokens() != null) {
      return new HashSet<>(manifest.endTokens());
    }
    List<Integer> found = config.endTokens(vocabulary);
    if (found.isEmpty()) {
      throw new ModelException(
          directory.resolve("pair.json")
              + " has no endTokens, and neither generation_config.json nor config.json nor tokenizer_config.json"
              + " names one; add \"endTokens\": [ids], or [] if nothing ends a text");
    }
    return new HashSet<>(found);
  }

  /**
   * The vocabulary that the pair shares: the tokenizer's.
   *
   * @throws ModelException if pair.json counts it otherwise, or if a model's own tokenizer gives
   *     other tokens to the same ids
   */
  static TokenizerVocabulary vocabulary(Path directory, PairManifest manifest) {
    PairManifest.TokenizerEntry shared = manifest.tokenizer();
    TokenizerVocabulary vocabulary = TokenizerVocabulary.read(directory.resolve(shared.file()));
    if (vocabulary.size() != shared.vocabularySize()) {
      throw new ModelException(
          directory.resolve("pair.json")
              + " gives the tokenizer a vocabularySize of "
              + shared.vocabularySize()
              + ", "
              + shared.file()
              + " has "
              + vocabulary.size()
              + " tokens; correct the one or fetch the other");
    }
    for (PairManifest.ModelEntry model : manifest.models()) {
      if (model.tokenizer() != null && !model.tokenizer().sha256().equals(shared.sha256())) {
        vocabulary
            .difference(
                shared.file(),
                TokenizerVocabulary.read(directory.resolve(model.tokenizer().file())),
                model.tokenizer().file())
            .ifPresent(
                difference -> {
                  throw new ModelException(
                      "model '"
                          + model.name()
                          + "' has another tokenizer than the pair: "
                          + difference
                          + "; target and drafts must share their tokens");
                });
      }
    }
    return vocabulary;
  }

  private OnnxLanguageModel load(
      Path directory, PairManifest.ModelEntry entry, OnnxOptions options) {
    OnnxLanguageModel model = opened(load(directory, manifest, entry, options));
    model.slow().ifPresent(warnings::add);
    return model;
  }

  /** Loads one model of a pair, without the padding of its vocabulary. */
  static OnnxLanguageModel load(
      Path directory, PairManifest manifest, PairManifest.ModelEntry entry, OnnxOptions options) {
    int vocabularySize = manifest.tokenizer().vocabularySize();
    OnnxLanguageModel model =
        new OnnxLanguageModel(
            directory.resolve(entry.file()),
            entry.name(),
            entry.contextLength(),
            vocabularySize,
            options);
    if (model.columns() < vocabularySize) {
      model.close();
      throw new ModelException(
          "model '"
              + entry.name()
              + "' has a vocabulary of "
              + model.columns()
              + " tokens, the tokenizer "
              + vocabularySize
              + "; a model may have more (padding), not fewer");
    }
    return model;
  }

  private <T extends AutoCloseable> T opened(T resource) {
    opened.add(resource);
    return resource;
  }

  public PairManifest manifest() {
    return manifest;
  }

  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** The tokenizer for texts that the chat template wrote: it adds no tokens of its own. */
  public Tokenizer chatTokenizer() {
    return tokenizer.withoutAddedTokens();
  }

  /** How the target wants a conversation written; empty for models that were not taught one. */
  public Optional<ChatTemplate> chatTemplate() {
    return config.chatTemplate();
  }

  /** Each ends a text: those of pair.json or, where it names none, of the target's own files. */
  public Set<Integer> endTokens() {
    return endTokens;
  }

  /** What the user should know of these models, a line each. */
  public List<String> warnings() {
    return warnings;
  }

  public LanguageModel target() {
    return target;
  }

  /** In the order of the manifest. */
  public List<LanguageModel> drafts() {
    return drafts;
  }

  /** The draft of that name. */
  public LanguageModel draft(String name) {
    return drafts.stream()
        .filter(draft -> draft.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "pair '"
                        + manifest.name()
                        + "' has no draft '"
                        + name
                        + "'; it has "
                        + String.join(", ", drafts.stream().map(LanguageModel::name).toList())));
  }

  @Override
  public void close() {
    for (int i = opened.size() - 1; i >= 0; i--) {
      try {
        opened.get(i).close();
      } catch (Exception e) {
        throw new ModelException(
            "pair '" + manifest.name() + "' cannot be closed: " + e.getMessage(), e);
      }
    }
  }
}
