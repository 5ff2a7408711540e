package redraft.model.onnx;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;
import java.util.stream.Stream;
import redraft.model.LanguageModel;
import redraft.model.ModelException;
import redraft.model.Tokenizer;
import redraft.model.pair.ModelPair;
import redraft.model.pair.PairFiles;
import redraft.model.pair.PairManifest;
import redraft.model.pair.PairManifest.ModelEntry;

/** A model directory loaded: one target, its drafts, and the tokenizer they share. */
public final class OnnxPair implements ModelPair {
  private final PairFiles files;
  private final PairManifest manifest;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final DjlTokenizer tokenizer;
  private final OnnxLanguageModel target;
  private final List<LanguageModel> drafts = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  /** A model directory with all its drafts, whose files are all hashed now. */
  public OnnxPair(Path directory, OnnxOptions targetOptions, OnnxOptions draftOptions) {
    this(new PairFiles(directory), targetOptions, draftOptions, draft -> true);
  }

  /**
   * Loads models of a directory, all at the same time.
   *
   * @param wanted of the names of its drafts
   * @throws ModelException if a file is no model, if the target cannot score several tokens a pass,
   *     or if the vocabularies differ
   */
  public OnnxPair(
      PairFiles files,
      OnnxOptions targetOptions,
      OnnxOptions draftOptions,
      Predicate<String> wanted) {
    this.files = files;
    manifest = files.manifest();
    CompletableFuture<OnnxLanguageModel> large = loading(manifest.target(), targetOptions);
    List<CompletableFuture<OnnxLanguageModel>> small =
        manifest.drafts().stream()
            .filter(draft -> wanted.test(draft.name()))
            .map(draft -> loading(draft, draftOptions))
            .toList();
    try {
      tokenizer = opened(new DjlTokenizer(files.tokenizer()));
      target = loaded(large);
      if (target.draftOnly() != null) {
        throw new ModelException(
            "model '" + target.name() + "' can draft but not be the target: " + target.draftOnly());
      }
      small.forEach(draft -> drafts.add(loaded(draft)));
    } catch (RuntimeException e) {
      Stream.concat(Stream.of(large), small.stream())
          .forEach(model -> model.thenAccept(OnnxLanguageModel::close)); // those to come, too
      opened.removeIf(OnnxLanguageModel.class::isInstance);
      close();
      throw e;
    }
  }

  private CompletableFuture<OnnxLanguageModel> loading(ModelEntry entry, OnnxOptions options) {
    return CompletableFuture.supplyAsync(
        () -> load(files, entry, options), task -> new Thread(task, "load").start());
  }

  private OnnxLanguageModel loaded(CompletableFuture<OnnxLanguageModel> loading) {
    try {
      OnnxLanguageModel model = opened(loading.join());
      model.slow().ifPresent(warnings::add);
      return model;
    } catch (CompletionException e) {
      throw e.getCause() instanceof ModelException known ? known : e;
    }
  }

  /**
   * Loads one model of a directory, without the padding of its vocabulary.
   *
   * @throws ModelException if it cannot be run, or knows fewer tokens than the tokenizer
   */
  public static OnnxLanguageModel load(PairFiles files, ModelEntry entry, OnnxOptions options) {
    int vocabularySize = files.vocabularySize();
    OnnxLanguageModel model =
        new OnnxLanguageModel(
            files.model(entry), entry.name(), entry.contextLength(), vocabularySize, options);
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

  @Override
  public PairManifest manifest() {
    return manifest;
  }

  @Override
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** It adds no tokens of its own: they are in the text that the template wrote. */
  @Override
  public Tokenizer chatTokenizer() {
    return tokenizer.withoutAddedTokens();
  }

  @Override
  public String chatPrompt(String message) {
    return files
        .chatTemplate()
        .orElseThrow(
            () ->
                new ModelException(
                    "pair '"
                        + manifest.name()
                        + "' has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json);"
                        + " leave out --chat"))
        .apply(message);
  }

  /** Each ends a text: those of pair.json or, where it names none, of the target's own files. */
  @Override
  public Set<Integer> endTokens() {
    return files.endTokens();
  }

  /** What the user should know of these models, a line each. */
  public List<String> warnings() {
    return warnings;
  }

  @Override
  public LanguageModel target() {
    return target;
  }

  @Override
  public List<LanguageModel> drafts() {
    return drafts;
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
