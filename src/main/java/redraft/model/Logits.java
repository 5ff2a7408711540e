package redraft.model;

import java.nio.FloatBuffer;
import redraft.sampling.Distribution;
import redraft.sampling.SamplingParameters;

/**
 * The logits of one pass; a view of the model's own memory.
 *
 * @param model the name, for messages
 * @param values [rows, stride], row-major; of a model with heads, theirs stand one after the other
 * @param stride from one row to the next: of every head, the vocabulary and what a model pads it
 *     with
 * @param firstPosition of the text; row i is what follows its token firstPosition + i
 * @param heads of a row, see {@link LanguageModel#heads}
 */
public record Logits(
    String model,
    FloatBuffer values,
    int rows,
    int vocabularySize,
    int stride,
    int firstPosition,
    int heads) {
  /** Of a model that says of each row what follows, and no more. */
  public Logits(
      String model,
      FloatBuffer values,
      int rows,
      int vocabularySize,
      int stride,
      int firstPosition) {
    this(model, values, rows, vocabularySize, stride, firstPosition, 1);
  }

  /** Rows without padding. */
  public Logits(String model, FloatBuffer values, int rows, int vocabularySize, int firstPosition) {
    this(model, values, rows, vocabularySize, vocabularySize, firstPosition);
  }

  /**
   * What one head says of every row.
   *
   * @param head from 0, which says what follows; head i says it of the i-th token after that
   */
  public Logits head(int head) {
    int skipped = head * (stride / heads);
    FloatBuffer rest = values.slice(skipped, values.limit() - skipped);
    return new Logits(model, rest, rows, vocabularySize, stride, firstPosition);
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
