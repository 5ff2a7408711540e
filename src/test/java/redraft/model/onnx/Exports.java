package redraft.model.onnx;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import redraft.model.pair.PairFiles;

/**
 * Small models of random weights in the forms that exporters give them; {@code
 * scripts/make_onnx_fixtures.py} makes them and says what each is.
 */
public final class Exports {
  public static final Path DIRECTORY = Path.of("src", "test", "resources", "redraft", "onnx");

  private static final OnnxOptions OPTIONS = new OnnxOptions(1, true);

  private static final Map<String, Path> ASSEMBLED = new ConcurrentHashMap<>();

  private Exports() {}

  /**
   * The model directory of an export: its own files, and in it the draft that all exports share.
   */
  public static Path directory(String name) {
    return ASSEMBLED.computeIfAbsent(name, once -> copy(name, Path.of("target", "exports", name)));
  }

  /** The same in a folder where it can be changed. */
  public static Path copy(String name, Path folder) {
    try {
      copyFiles(DIRECTORY.resolve(name), folder);
      copyFiles(DIRECTORY.resolve("draft"), folder.resolve("draft"));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copyFiles(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  public static OnnxPair pair(String name) {
    return new OnnxPair(directory(name), OPTIONS, OPTIONS);
  }

  /** The model that the folder is about, whether or not it can be a target. */
  static OnnxLanguageModel model(String name) {
    PairFiles files = new PairFiles(directory(name));
    return OnnxPair.load(files, files.manifest().target(), OPTIONS);
  }
}
