package redraft.model;

import java.nio.FloatBuffer;
import redraft.sampling.Distribution;
import redraft.sampling.SamplingParameters;

/**
 * The logits of one pass; a view of the model's own memory.
 *
 * @param model the name, for messages
 * @param values [rows, stride], row-major
 * @param stride from one row to the next: the vocabulary, and what a model pads it with
 * @param firstPosition of the text; row i is what follows its token firstPosition + i
 */
public record Logits(
    String model, FloatBuffer values, int rows, int vocabularySize, int stride, int firstPosition) {
  /** Rows without padding. */
  public Logits(String model, FloatBuffer values, int rows, int vocabularySize, int firstPosition) {
    this(model, values, rows, vocabularySize, vocabularySize, firstPosition);
  }

  /** [vocabularySize] */
  public FloatBuffer row(int row) {
    return values.slice(row * stride, vocabularySize);
  }

  /**
   * What the sampling parameters make of a row.
   *
   * @throws ModelException if the row holds NaN or +∞
   */
  public Distribution distribution(int row, SamplingParameters parameters) {
    try {
      return Distribution.ofLogits(row(row), parameters);
    } catch (IllegalArgumentException e) {
      throw new ModelException(
          "model '"
              + model
              + "' fails after token "
              + (firstPosition + row)
              + " of the text: "
              + e.getMessage(),
          e);
    }
  }
}
