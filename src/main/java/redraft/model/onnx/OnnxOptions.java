package redraft.model.onnx;

/**
 * How ONNX Runtime runs a model.
 *
 * @param threads that share the arithmetic of one pass
 * @param exactRows whether a pass of one row is run as two rows, the second thrown away. ONNX
 *     Runtime multiplies a single row by another kernel than several rows, which on some processors
 *     rounds differently; with two rows at least, logits do not depend on how rows are grouped into
 *     passes.
 */
public record OnnxOptions(int threads, boolean exactRows) {
  public OnnxOptions {
    if (threads < 1) {
      throw new IllegalArgumentException("threads " + threads + " must be at least 1");
    }
  }
}
