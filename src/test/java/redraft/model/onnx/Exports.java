package redraft.model.onnx;

import java.nio.file.Path;
import redraft.model.pair.PairFiles;

/**
 * Small models of random weights in the forms that exporters give them; {@code
 * scripts/make_onnx_fixtures.py} makes them and says what each is.
 */
public final class Exports {
  public static final Path DIRECTORY = Path.of("src", "test", "resources", "redraft", "onnx");

  private static final OnnxOptions OPTIONS = new OnnxOptions(1, true);

  private Exports() {}

  public static OnnxPair pair(String name) {
    return new OnnxPair(DIRECTORY.resolve(name), OPTIONS, OPTIONS);
  }

  /** The model that the folder is about, whether or not it can be a target. */
  static OnnxLanguageModel model(String name) {
    PairFiles files = new PairFiles(DIRECTORY.resolve(name));
    return OnnxPair.load(files, files.manifest().target(), OPTIONS);
  }
}
