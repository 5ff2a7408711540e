package redraft.model.onnx;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redraft.model.LanguageModel;
import redraft.model.ModelException;
import redraft.model.Tokenizer;

/** A model directory loaded: one target, its drafts, and the tokenizer they share. */
public final class OnnxPair implements AutoCloseable {
  private final PairManifest manifest;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Tokenizer tokenizer;
  private final LanguageModel target;
  private final List<LanguageModel> drafts = new ArrayList<>();

  /**
   * Loads a model directory.
   *
   * @throws ModelException if a file is missing, changed or no model, or if the vocabularies differ
   */
  public OnnxPair(Path directory, OnnxOptions targetOptions, OnnxOptions draftOptions) {
    manifest = PairManifest.read(directory);
    try {
      tokenizer = opened(new DjlTokenizer(directory.resolve(manifest.tokenizer().file())));
      target = load(directory, manifest.target(), targetOptions);
      for (PairManifest.ModelEntry draft : manifest.drafts()) {
        drafts.add(load(directory, draft, draftOptions));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private LanguageModel load(Path directory, PairManifest.ModelEntry entry, OnnxOptions options) {
    LanguageModel model =
        opened(
            new OnnxLanguageModel(
                directory.resolve(entry.file()), entry.name(), entry.contextLength(), options));
    if (model.vocabularySize() != manifest.tokenizer().vocabularySize()) {
      throw new ModelException(
          "model '"
              + entry.name()
              + "' has a vocabulary of "
              + model.vocabularySize()
              + " tokens, the tokenizer "
              + manifest.tokenizer().vocabularySize()
              + "; target, drafts and tokenizer must share one vocabulary");
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
