package redraft.model.onnx;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import redraft.model.ModelException;

/**
 * {@code pair.json}: what a model directory holds. File names are relative to the directory.
 *
 * @param licence SPDX name of the weights' licence
 * @param endTokens each ends a text
 */
public record PairManifest(
    String name,
    String licence,
    TokenizerEntry tokenizer,
    List<Integer> endTokens,
    ModelEntry target,
    List<ModelEntry> drafts) {

  public record TokenizerEntry(String file, String sha256, int vocabularySize) {}

  /**
   * @param parameters number of trained parameters
   * @param contextLength most tokens of one text
   */
  public record ModelEntry(
      String name, String file, String sha256, long parameters, int contextLength) {}

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
    try {
      manifest =
          JsonMapper.builder()
              .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
              .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
              .build()
              .readValue(file.toFile(), PairManifest.class);
    } catch (JsonProcessingException e) {
      throw new ModelException(
          file
              + (e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr())
              + ": "
              + e.getOriginalMessage(),
          e);
    } catch (IOException e) {
      throw new ModelException(file + " cannot be read: " + e.getMessage(), e);
    }
    manifest.checkComplete(file);
    manifest.checkFile(directory, manifest.tokenizer.file, manifest.tokenizer.sha256);
    List<ModelEntry> models = new ArrayList<>(manifest.drafts);
    models.add(0, manifest.target);
    for (ModelEntry model : models) {
      manifest.checkFile(directory, model.file, model.sha256);
    }
    return manifest;
  }

  private void checkComplete(Path file) {
    List<String> missing = new ArrayList<>();
    require(missing, "name", name);
    require(missing, "endTokens", endTokens);
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
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int count; (count = in.read(buffer)) != -1; ) {
        digest.update(buffer, 0, count);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new ModelException(file + " cannot be read: " + e.getMessage(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
