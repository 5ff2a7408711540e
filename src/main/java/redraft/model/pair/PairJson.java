package redraft.model.pair;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import redraft.json.CheckedObject;
import redraft.json.LineException;
import redraft.model.ModelException;
import redraft.model.pair.PairManifest.FileEntry;
import redraft.model.pair.PairManifest.ModelEntry;
import redraft.model.pair.PairManifest.Origin;
import redraft.model.pair.PairManifest.TokenizerEntry;

/** How {@code pair.json} is read: each field checked, all that is wrong told at once. */
final class PairJson {
  private static final long MOST_PARAMETERS = 1_000_000_000_000_000L;

  private PairJson() {}

  /**
   * Reads the manifest of a model directory; no file that it names is looked at.
   *
   * @throws ModelException if there is none, or something of it is missing or malformed
   */
  static PairManifest read(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new ModelException(
          directory
              + " is no model directory: "
              + (Files.exists(directory) ? "it is a file" : "it does not exist"));
    }
    Path file = directory.resolve(PairManifest.FILE);
    if (!Files.isRegularFile(file)) {
      throw new ModelException(
          directory
              + " holds no pair.json; 'redraft models pair "
              + directory
              + " --target T [--draft D …]' makes one of the models in it");
    }
    try (InputStream in = Files.newInputStream(file)) {
      CheckedObject fields = CheckedObject.read(file.toString(), in);
      fields.ignoreUnknown(); // a later version may say more
      PairManifest manifest = manifest(fields);
      fields.finish();
      return manifest;
    } catch (IllegalArgumentException | LineException e) {
      throw new ModelException(e.getMessage(), e);
    } catch (IOException e) {
      throw new ModelException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static PairManifest manifest(CheckedObject fields) {
    String name = fields.text("name");
    String licence = fields.given("licence") ? fields.line("licence") : null;
    TokenizerEntry tokenizer = tokenizer(fields.child("tokenizer"));
    List<Integer> endTokens =
        fields.given("endTokens")
            ? fields.wholeNumbers("endTokens", 0, CheckedObject.MOST - 1)
            : null;
    Set<String> names = new HashSet<>();
    ModelEntry target = model(fields.child("target"), names);
    List<ModelEntry> drafts =
        list(fields, "drafts").stream().map(each -> model(each, names)).toList();
    List<FileEntry> others =
        list(fields, "otherFiles").stream()
            .map(each -> new FileEntry(file(each), sha256(each)))
            .toList();
    List<Origin> origins = list(fields, "origins").stream().map(PairJson::origin).toList();
    return new PairManifest(name, licence, tokenizer, endTokens, target, drafts, others, origins);
  }

  private static List<CheckedObject> list(CheckedObject fields, String field) {
    return fields.given(field) ? fields.children(field) : List.of();
  }

  private static TokenizerEntry tokenizer(CheckedObject fields) {
    return new TokenizerEntry(file(fields), sha256(fields), fields.count("vocabularySize", null));
  }

  private static ModelEntry model(CheckedObject fields, Set<String> names) {
    String name = fields.text("name");
    if (name != null && !names.add(name)) {
      fields.problem("name", "which another model of the pair has; names must differ");
    }
    return new ModelEntry(
        name,
        file(fields),
        sha256(fields),
        fields.given("parameters") ? fields.wholeNumber("parameters", 0, MOST_PARAMETERS) : 0,
        (int) fields.wholeNumber("contextLength", 1, Integer.MAX_VALUE),
        fields.given("tokenizer") ? tokenizer(fields.child("tokenizer")) : null);
  }

  private static Origin origin(CheckedObject fields) {
    return new Origin(
        file(fields),
        fields.text("repository"),
        fields.text("revision"),
        fields.text("commit"),
        fields.text("path"),
        fields.wholeNumber("bytes", 0, Long.MAX_VALUE));
  }

  /** A name that stays within the folder, whatever system reads it. */
  private static String file(CheckedObject fields) {
    String name = fields.text("file");
    if (name != null && !isInside(name)) {
      fields.problem(
          "file", "which is no name within the folder; name a file of it, such as onnx/model.onnx");
    }
    return name;
  }

  /** Whether a name, with / between folders, stays within the folder that it is relative to. */
  static boolean isInside(String name) {
    try {
      return !name.isBlank()
          && !Path.of(name).isAbsolute()
          && !name.matches("/.*|.*[\\\\:*].*")
          && !List.of(name.split("/", -1)).contains("..");
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static String sha256(CheckedObject fields) {
    String hash = fields.text("sha256");
    if (hash != null && !hash.matches("[0-9a-fA-F]{64}")) {
      fields.problem("sha256", "not 64 hexadecimal digits");
    }
    return hash;
  }
}
