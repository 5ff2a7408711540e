package redraft.model.onnx;

import java.nio.file.Path;

/** The shipped pair, loaded once for all tests. */
public final class ShippedPair {
  public static final Path DIRECTORY = Path.of("models", "tiny");
  public static final Path PROMPTS = Path.of("traces", "prompts.jsonl");
  private static OnnxPair pair;

  private ShippedPair() {}

  public static synchronized OnnxPair get() {
    if (pair == null) {
      pair = new OnnxPair(DIRECTORY, new OnnxOptions(2, true), new OnnxOptions(1, true));
    }
    return pair;
  }
}
