package redraft.model.pair;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import redraft.json.ResultFiles;
import redraft.model.ModelException;
import redraft.model.pair.PairManifest.FileEntry;
import redraft.model.pair.PairManifest.ModelEntry;
import redraft.model.pair.PairManifest.TokenizerEntry;

/**
 * Makes a model directory of models as they were downloaded: what {@code pair.json} says is found
 * in their files, never asked for.
 *
 * <p>Files that stand in the directory stay where they are. Others are linked into a folder of the
 * model's name, or copied where the disk does not allow links between the two places.
 */
public final class PairMaker {
  private static final String TOKENIZER = "tokenizer.json";

  /** By preference, where a folder has several. */
  private static final List<String> EXPORTS =
      List.of("model.onnx", "decoder_model_merged.onnx", "model_quantized.onnx");

  /** What may stand beside a model or its tokenizer and says something of them. */
  private static final List<String> CONFIGURATIONS =
      List.of(
          "config.json",
          "generation_config.json",
          "genai_config.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "chat_template.jinja");

  private final Path directory;
  private final Consumer<String> notes;
  private final Map<String, String> others = new LinkedHashMap<>(); // SHA-256, by file
  private final Map<Path, String> placed = new LinkedHashMap<>(); // names in the directory

  private PairMaker(Path directory, Consumer<String> notes) {
    this.directory = directory.toAbsolutePath().normalize();
    this.notes = notes;
  }

  /** A model as it was downloaded. */
  private record Source(String name, Path onnx, List<Path> folders) {
    Path find(String file) {
      return folders.stream()
          .map(folder -> folder.resolve(file))
          .filter(Files::isRegularFile)
          .findFirst()
          .orElse(null);
    }
  }

  /**
   * Writes {@code pair.json} of a directory, over one that is there.
   *
   * @param target a folder with an export and its tokenizer, or one of its {@code .onnx} files
   * @param drafts the same, at most one a name; none makes a target alone, which prompt lookup
   *     drafts for
   * @param licence SPDX name of the weights' licence; null if it is not known
   * @param notes told what is done, a line each
   * @throws ModelException if a file is missing, says too little, or if tokenizers differ; nothing
   *     is written then
   */
  public static PairManifest make(
      Path directory, Path target, List<Path> drafts, String licence, Consumer<String> notes)
      throws IOException {
    return new PairMaker(directory, notes).make(target, drafts, licence);
  }

  private PairManifest make(Path target, List<Path> drafts, String licence) throws IOException {
    List<Source> sources = new ArrayList<>();
    for (Path model : Stream.concat(Stream.of(target), drafts.stream()).toList()) {
      sources.add(source(model, sources));
    }
    Path shared = tokenizer(sources.get(0));
    TokenizerVocabulary vocabulary = TokenizerVocabulary.read(shared);
    for (Source draft : sources.subList(1, sources.size())) {
      Path own = draft.find(TOKENIZER);
      if (own != null) {
        vocabulary.requireSame(shared.toString(), draft.name, own, own.toString());
      }
    }
    List<Integer> ends = endTokens(sources.get(0), vocabulary);
    List<Integer> contexts = sources.stream().map(PairMaker::contextLength).toList();

    TokenizerEntry tokens = entry(sources.get(0), shared, vocabulary);
    List<ModelEntry> models = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      models.add(entry(sources.get(i), contexts.get(i), tokens));
    }
    List<FileEntry> pinned =
        others.entrySet().stream().map(e -> new FileEntry(e.getKey(), e.getValue())).toList();
    PairManifest manifest =
        new PairManifest(
            ResultFiles.name(directory),
            licence,
            tokens,
            ends,
            models.get(0),
            models.subList(1, models.size()),
            pinned,
            List.of());
    manifest.write(directory);
    return manifest;
  }

  private Source source(Path given, List<Source> before) throws IOException {
    Path model = Files.exists(given) ? given : directory.resolve(given);
    if (!Files.exists(model)) {
      throw new ModelException(
          given + " does not exist; name a folder with an .onnx file, or such a file");
    }
    if (model.toString().endsWith(".gguf")) {
      throw gguf(model);
    }
    Path onnx = (Files.isDirectory(model) ? export(model) : model).toAbsolutePath().normalize();
    Path folder = onnx.getParent();
    List<Path> folders = new ArrayList<>(List.of(folder));
    if (ResultFiles.name(folder).equals("onnx") && folder.getParent() != null) {
      folders.add(folder.getParent()); // as the hub keeps exports
    }
    String name = ResultFiles.name(folders.get(folders.size() - 1));
    if (before.stream().anyMatch(other -> other.name.equals(name))) {
      String longer = name + "-" + ResultFiles.name(onnx).replaceFirst("\\.onnx$", "");
      if (before.stream().anyMatch(other -> other.onnx.equals(onnx) || other.name.equals(longer))) {
        throw new ModelException(
            given + " is a model of the pair already; a draft is another model than the target");
      }
      return new Source(longer, onnx, folders);
    }
    return new Source(name, onnx, folders);
  }

  /** The export in a folder, or in the folder {@code onnx} in it. */
  private Path export(Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    boolean gguf = false;
    for (Path place : List.of(folder, folder.resolve("onnx"))) {
      if (Files.isDirectory(place)) {
        try (Stream<Path> files = Files.list(place)) {
          for (Path file : files.sorted().toList()) {
            gguf |= file.toString().endsWith(".gguf");
            if (file.toString().endsWith(".onnx")) {
              found.add(file);
            }
          }
        }
      }
    }
    for (String usual : EXPORTS) {
      for (Path file : found) {
        if (file.getFileName().toString().equals(usual)) {
          if (found.size() > 1) {
            notes.accept(
                "of the exports in " + folder + ", " + folder.relativize(file) + " is taken");
          }
          return file;
        }
      }
    }
    if (found.size() == 1) {
      return found.get(0);
    }
    if (found.isEmpty() && gguf) {
      throw gguf(folder);
    }
    throw new ModelException(
        found.isEmpty()
            ? folder
                + " holds no .onnx file; export the model with scripts/export_model.py --target "
                + folder
            : folder
                + " holds "
                + String.join(", ", found.stream().map(f -> folder.relativize(f) + "").toList())
                + "; name one of them");
  }

  private static ModelException gguf(Path model) {
    return new ModelException(
        model
            + " is a model in GGUF; export it with scripts/export_model.py --gguf FILE, or record it from llama-server"
            + " with 'redraft record --from-server'");
  }

  private static Path tokenizer(Source model) {
    Path file = model.find(TOKENIZER);
    if (file == null) {
      throw new ModelException(
          model.onnx.getParent()
              + " holds no tokenizer.json, which says what tokens are; fetch it, or write it with"
              + " AutoTokenizer.from_pretrained(…).save_pretrained(…) of Transformers");
    }
    return file;
  }

  private static int contextLength(Source model) {
    return new TransformersConfig(model.folders)
        .contextLength()
        .orElseThrow(
            () ->
                new ModelException(
                    model.onnx.getParent()
                        + " says nowhere how long a text may be: no \"max_position_embeddings\", \"n_positions\" or"
                        + " \"n_ctx\" in a config.json, no \"context_length\" in a genai_config.json; fetch that file"
                        + " too"));
  }

  private static List<Integer> endTokens(Source target, TokenizerVocabulary vocabulary) {
    List<Integer> found = new TransformersConfig(target.folders).endTokens(vocabulary);
    if (found.isEmpty()) {
      throw new ModelException(
          target.onnx.getParent()
              + " says nowhere which token ends a text: no \"eos_token_id\" in a generation_config.json, config.json or"
              + " genai_config.json, no \"eos_token\" in a tokenizer_config.json; fetch one of them");
    }
    return found;
  }

  private ModelEntry entry(Source model, int context, TokenizerEntry shared) throws IOException {
    OnnxFile content = OnnxFile.read(model.onnx);
    content.requireData(model.onnx);
    notes.accept(
        String.format(
            Locale.ROOT, "hashing %s, %.1f MB", model.name, content.bytes(model.onnx) / 1e6));
    String file = place(model, model.onnx);
    for (String data : content.dataFiles()) {
      pin(model, model.onnx.resolveSibling(data));
    }
    for (String name : CONFIGURATIONS) {
      for (Path folder : model.folders) {
        if (Files.isRegularFile(folder.resolve(name))) {
          pin(model, folder.resolve(name));
        }
      }
    }
    TokenizerEntry own = null;
    Path tokenizer = model.find(TOKENIZER);
    if (tokenizer != null && !FileHashes.of(tokenizer).equals(shared.sha256())) {
      own = entry(model, tokenizer, TokenizerVocabulary.read(tokenizer));
    }
    String sha256 = FileHashes.of(model.onnx);
    return new ModelEntry(model.name, file, sha256, content.parameters(), context, own);
  }

  private TokenizerEntry entry(Source model, Path file, TokenizerVocabulary vocabulary)
      throws IOException {
    return new TokenizerEntry(place(model, file), FileHashes.of(file), vocabulary.size());
  }

  private void pin(Source model, Path file) throws IOException {
    others.put(place(model, file), FileHashes.of(file));
  }

  /** The name of a file in the directory, where it is put if it stands elsewhere. */
  private String place(Source model, Path file) throws IOException {
    String known = placed.get(file);
    if (known != null) {
      return known;
    }
    Path there = file;
    if (!file.toRealPath().startsWith(ResultFiles.real(directory))) {
      Path root = model.folders.get(model.folders.size() - 1);
      there = directory.resolve(model.name).resolve(root.relativize(file).toString());
      link(file.toRealPath(), there);
    }
    String name = directory.relativize(there).toString().replace('\\', '/');
    placed.put(file, name);
    return name;
  }

  private static void link(Path file, Path there) throws IOException {
    ResultFiles.makeFolder(there);
    if (Files.exists(there)) {
      if (Files.isSameFile(file, there) || FileHashes.of(file).equals(FileHashes.of(there))) {
        return;
      }
      throw new ModelException(
          there
              + " is there and another file than "
              + file
              + "; move it away, or name another directory");
    }
    try {
      Files.createLink(there, file);
    } catch (IOException | UnsupportedOperationException e) {
      Files.copy(file, there);
    }
  }
}
