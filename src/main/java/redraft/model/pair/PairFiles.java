package redraft.model.pair;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import redraft.model.ModelException;
import redraft.model.pair.PairManifest.ModelEntry;
import redraft.model.pair.PairManifest.TokenizerEntry;

/** The files of a model directory, checked against one another; no model is loaded yet. */
public final class PairFiles {
  /** Tokens of a text where neither pair.json nor config.json says. */
  private static final int DEFAULT_CONTEXT = 1024;

  private final Path directory;
  private final PairManifest manifest;
  private final Map<ModelEntry, OnnxFile> contents = new HashMap<>();
  private final TokenizerVocabulary vocabulary;
  private final TransformersConfig config;
  private final Set<Integer> endTokens;

  /** A model directory whose files are all hashed now. */
  public PairFiles(Path directory) {
    this(directory, FileHashes.fresh());
  }

  /**
   * Reads a model directory.
   *
   * @throws ModelException if a file is missing or changed, if weights are in a file that is not
   *     pinned, if the tokenizers differ, or if nothing says what ends a text
   */
  public PairFiles(Path directory, FileHashes hashes) {
    this.directory = directory;
    manifest = PairManifest.read(directory, hashes);
    manifest.models().forEach(this::requirePinnedWeights);
    vocabulary = readVocabulary();
    config = readConfig();
    endTokens = findEndTokens();
  }

  /** Weights beside an ONNX file are as much the model as the file itself. */
  private void requirePinnedWeights(ModelEntry model) {
    List<Path> pinned =
        manifest.otherFiles().stream()
            .map(other -> directory.resolve(other.file()).normalize())
            .toList();
    OnnxFile content = OnnxFile.read(model(model));
    contents.put(model, content);
    for (String location : content.dataFiles()) {
      Path weights = model(model).resolveSibling(location).normalize();
      if (!pinned.contains(weights)) {
        throw new ModelException(
            "model '"
                + model.name()
                + "' keeps weights in "
                + weights
                + ", which pair.json does not pin; list it in \"otherFiles\" with its SHA-256, or write"
                + " pair.json anew with 'redraft models pair'");
      }
    }
  }

  private TokenizerVocabulary readVocabulary() {
    TokenizerEntry shared = manifest.tokenizer();
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
    for (ModelEntry model : manifest.models()) {
      TokenizerEntry own = model.tokenizer();
      if (own != null && !own.sha256().equals(shared.sha256())) {
        vocabulary.requireSame(
            shared.file(), model.name(), directory.resolve(own.file()), own.file());
      }
    }
    return vocabulary;
  }

  /** Beside the target, above it, at the top, beside the tokenizer. */
  private TransformersConfig readConfig() {
    Set<Path> folders = new LinkedHashSet<>();
    Path top = directory.toAbsolutePath().normalize();
    Path target = top.resolve(manifest.target().file()).normalize().getParent();
    folders.add(target);
    if (!target.equals(top)) {
      folders.add(
          target.getParent()); // models of the hub stand in onnx/, their configuration above
    }
    folders.add(top);
    folders.add(top.resolve(manifest.tokenizer().file()).getParent());
    return new TransformersConfig(List.copyOf(folders), top);
  }

  private Set<Integer> findEndTokens() {
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

  public PairManifest manifest() {
    return manifest;
  }

  public int vocabularySize() {
    return vocabulary.size();
  }

  /** Each ends a text: those of pair.json or, where it names none, of the target's own files. */
  public Set<Integer> endTokens() {
    return endTokens;
  }

  /** A token's id and how the tokenizer writes it. */
  public String token(int id) {
    return id + " " + vocabulary.tokens().getOrDefault(id, "(not in the tokenizer)");
  }

  /** How the target wants a conversation written; empty for models that were not taught one. */
  public Optional<ChatTemplate> chatTemplate() {
    return config.chatTemplate();
  }

  /** Where the pair's tokenizer is. */
  public Path tokenizer() {
    return directory.resolve(manifest.tokenizer().file());
  }

  /** Where a model of the manifest is. */
  public Path model(ModelEntry entry) {
    return directory.resolve(entry.file());
  }

  /** Bytes of memory that a model of the manifest takes, about. */
  public long memory(ModelEntry entry) {
    Path file = model(entry);
    try {
      return contents.get(entry).memory(file);
    } catch (IOException e) {
      throw new ModelException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** What the config.json beside or above a model says, or 1,024. */
  public static int contextLengthOf(Path model) {
    Path folder = model.toAbsolutePath().normalize().getParent();
    return new TransformersConfig(List.of(folder, folder.resolve("..")))
        .contextLength()
        .orElse(DEFAULT_CONTEXT);
  }
}
