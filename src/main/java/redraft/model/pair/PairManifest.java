package redraft.model.pair;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.codec.digest.MessageDigestAlgorithms;
import redraft.json.LineException;
import redraft.json.Utf8;
import redraft.model.ModelException;

/**
 * {@code pair.json}: what a model directory holds. File names are relative to the directory.
 *
 * @param licence SPDX name of the weights' licence
 * @param endTokens each ends a text; where absent, the files beside the target say
 * @param otherFiles what the models need besides, such as configurations and weights kept outside
 *     the ONNX file; may be absent
 * @param origins where files were pulled from: the lock that pins them, absent where none was
 */
public record PairManifest(
    String name,
    String licence,
    TokenizerEntry tokenizer,
    List<Integer> endTokens,
    ModelEntry target,
    List<ModelEntry> drafts,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<FileEntry> otherFiles,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Origin> origins) {

  public PairManifest {
    otherFiles = otherFiles == null ? List.of() : otherFiles;
    origins = origins == null ? List.of() : origins;
  }

  public record TokenizerEntry(String file, String sha256, int vocabularySize) {}

  /**
   * @param parameters number of trained parameters
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
        directory.resolve("pair.json"),
        JsonMapper.builder().build().writer(printer).writeValueAsString(this) + "\n");
  }

  /**
   * Reads the manifest of a model directory and checks the hash of every file that it names.
   *
   * @throws ModelException if something is missing, malformed or changed
   */
  public static PairManifest read(Path directory) {
    Path file = directory.resolve("pair.json");
    if (!Files.isRegularFile(file)) {
      throw new ModelException(
          directory
              + " holds no pair.json; a model directory names its target, drafts and tokenizer there (see models/tiny)");
    }
    PairManifest manifest;
    try (InputStream in = Files.newInputStream(file)) {
      manifest =
          JsonMapper.builder()
              .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
              .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
              .build()
              .readValue(Utf8.json(file.toString(), in), PairManifest.class);
    } catch (JsonProcessingException e) {
      throw new ModelException(
          file
              + (e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr())
              + ": "
              + e.getOriginalMessage(),
          e);
    } catch (LineException e) {
      throw new ModelException(e.getMessage(), e);
    } catch (IOException e) {
      throw new ModelException(file + " cannot be read: " + e.getMessage(), e);
    }
    manifest.checkComplete(file);
    manifest.checkOrigins(directory, file);
    for (FileEntry entry : manifest.files()) {
      manifest.checkFile(directory, entry.file, entry.sha256);
    }
    return manifest;
  }

  /** The target, then the drafts. */
  public List<ModelEntry> models() {
    List<ModelEntry> models = new ArrayList<>(drafts);
    models.add(0, target);
    return models;
  }

  /** Every file of the directory but pair.json itself. */
  private List<FileEntry> files() {
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

  /** Sizes, before hashes: a file that was cut short is told at once. */
  private void checkOrigins(Path directory, Path manifest) {
    Set<String> named = new HashSet<>(files().stream().map(FileEntry::file).toList());
    for (Origin origin : origins) {
      if (!named.contains(origin.file)) {
        throw new ModelException(
            manifest
                + ": \"origins\" has "
                + origin.file
                + ", which no other entry names; pull the pair again, or take it out");
      }
      Path local = directory.resolve(origin.file);
      try {
        if (Files.isRegularFile(local) && Files.size(local) != origin.bytes) {
          throw new ModelException(
              local
                  + " has "
                  + Files.size(local)
                  + " bytes, not the "
                  + origin.bytes
                  + " that pair.json pins; pull the pair again with --force");
        }
      } catch (IOException e) {
        throw new ModelException(local + " cannot be read: " + e.getMessage(), e);
      }
    }
  }

  private void checkComplete(Path file) {
    List<String> missing = new ArrayList<>();
    require(missing, "name", name);
    require(missing, "tokenizer", tokenizer);
    require(missing, "target", target);
    require(missing, "drafts", drafts);
    if (tokenizer != null) {
      require(missing, "tokenizer.file", tokenizer.file);
      require(missing, "tokenizer.sha256", tokenizer.sha256);
    }
    List<ModelEntry> models = new ArrayList<>(drafts == null ? List.of() : drafts);
    if (target != null) {
      models.add(target);
    }
    for (ModelEntry model : models) {
      require(missing, "a model's name", model.name);
      require(missing, "a model's file", model.file);
      require(missing, "a model's sha256", model.sha256);
      if (model.tokenizer != null) {
        require(missing, "the file of a model's tokenizer", model.tokenizer.file);
        require(missing, "the sha256 of a model's tokenizer", model.tokenizer.sha256);
      }
    }
    for (FileEntry entry : otherFiles) {
      require(missing, "the file of one of otherFiles", entry.file);
      require(missing, "the sha256 of one of otherFiles", entry.sha256);
    }
    for (Origin origin : origins) {
      require(missing, "the file of an origin", origin.file);
    }
    if (!missing.isEmpty()) {
      throw new ModelException(file + " lacks " + String.join(", ", missing));
    }
    for (ModelEntry model : models) {
      if (model.contextLength < 1) {
        throw new ModelException(
            file
                + ": model '"
                + model.name
                + "' has contextLength "
                + model.contextLength
                + ", not at least 1");
      }
    }
  }

  private static void require(List<String> missing, String field, Object value) {
    if (value == null) {
      missing.add(field);
    }
  }

  private void checkFile(Path directory, String name, String sha256) {
    Path file = directory.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new ModelException(file + " does not exist, although pair.json names it");
    }
    String actual = sha256(file);
    if (!actual.equals(sha256)) {
      throw new ModelException(
          file
              + " is not the file that pair.json names: its SHA-256 is "
              + actual
              + ", not "
              + sha256
              + "; fetch it again, or correct pair.json if the change is meant");
    }
  }

  private static String sha256(Path file) {
    try {
      return new DigestUtils(MessageDigestAlgorithms.SHA_256).digestAsHex(file);
    } catch (IOException e) {
      throw new ModelException(file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
