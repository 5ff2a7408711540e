package redraft.model.pair;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redraft.model.ModelException;

/**
 * {@code pair.json}: what a model directory holds. File names are relative to the directory.
 *
 * @param licence SPDX name of the weights' licence; null if not known
 * @param endTokens each ends a text; where null, the files beside the target say
 * @param drafts none for a target alone, with drafts that need no model
 * @param otherFiles what the models need besides, such as configurations and weights kept outside
 *     the ONNX file; may be absent
 * @param origins where files were pulled from: the lock that pins them, absent where none was
 */
public record PairManifest(
    String name,
    @JsonInclude(JsonInclude.Include.NON_NULL) String licence,
    TokenizerEntry tokenizer,
    @JsonInclude(JsonInclude.Include.NON_NULL) List<Integer> endTokens,
    ModelEntry target,
    List<ModelEntry> drafts,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<FileEntry> otherFiles,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Origin> origins) {

  public static final String FILE = "pair.json";

  public PairManifest {
    drafts = drafts == null ? List.of() : drafts;
    otherFiles = otherFiles == null ? List.of() : otherFiles;
    origins = origins == null ? List.of() : origins;
  }

  public record TokenizerEntry(String file, String sha256, int vocabularySize) {}

  /**
   * @param parameters number of trained parameters; 0 if not known
   * @param contextLength most tokens of one text
   * @param tokenizer of this model, to be compared with the pair's; absent where they share one
   */
  public record ModelEntry(
      String name,
      String file,
      String sha256,
      long parameters,
      int contextLength,
      @JsonInclude(JsonInclude.Include.NON_NULL) TokenizerEntry tokenizer) {

    /** A model with the pair's tokenizer. */
    public ModelEntry(String name, String file, String sha256, long parameters, int contextLength) {
      this(name, file, sha256, parameters, contextLength, null);
    }
  }

  public record FileEntry(String file, String sha256) {}

  /**
   * Where a file of the directory came from; its hash stands with the entry that names the file.
   *
   * @param revision what was asked for: a branch, a tag or a commit
   * @param commit what that was
   * @param path of the file in the repository
   */
  public record Origin(
      String file, String repository, String revision, String commit, String path, long bytes) {}

  /** Writes {@code pair.json}. */
  public void write(Path directory) throws IOException {
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter(
            Separators.createDefaultInstance()
                .withObjectFieldValueSpacing(Separators.Spacing.AFTER));
    printer.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE.withLinefeed("\n"));
    printer.indentObjectsWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE.withLinefeed("\n"));
    Files.writeString(
        directory.resolve(FILE),
        JsonMapper.builder().build().writer(printer).writeValueAsString(this) + "\n");
  }

  /** The manifest of a model directory whose files are all hashed now. */
  public static PairManifest read(Path directory) {
    return read(directory, FileHashes.fresh());
  }

  /**
   * Reads the manifest of a model directory and checks the hash of every file that it names.
   *
   * @throws ModelException if something is missing, malformed, changed or outside the directory
   */
  public static PairManifest read(Path directory, FileHashes hashes) {
    PairManifest manifest = PairJson.read(directory);
    new PinnedFiles(directory, manifest).check(hashes);
    return manifest;
  }

  /**
   * The manifest as it stands in a model directory; no file that it names is looked at.
   *
   * @throws ModelException if there is none, or something of it is missing or malformed
   */
  public static PairManifest readUnchecked(Path directory) {
    return PairJson.read(directory);
  }

  /** The target, then the drafts. */
  public List<ModelEntry> models() {
    List<ModelEntry> models = new ArrayList<>(drafts);
    models.add(0, target);
    return models;
  }

  /** Every file of the directory but pair.json itself. */
  public List<FileEntry> files() {
    List<FileEntry> files = new ArrayList<>();
    files.add(new FileEntry(tokenizer.file, tokenizer.sha256));
    for (ModelEntry model : models()) {
      files.add(new FileEntry(model.file, model.sha256));
      if (model.tokenizer != null) {
        files.add(new FileEntry(model.tokenizer.file, model.tokenizer.sha256));
      }
    }
    files.addAll(otherFiles);
    return files;
  }
}
