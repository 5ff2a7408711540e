package redraft.model;

import java.nio.FloatBuffer;
import java.util.function.UnaryOperator;

/**
 * A model whose logits depend on the last token alone, from a table: exact, instant, and free of
 * native code.
 */
public final class TableModel implements LanguageModel {
  private final String name;
  private final float[][] logits; // [vocabulary of the last token, vocabulary]
  private final int contextLength;

  private TableModel(String name, float[][] logits, int contextLength) {
    this.name = name;
    this.logits = logits;
    this.contextLength = contextLength;
  }

  /**
   * @param probabilities [last token, next token]
   */
  public static TableModel ofProbabilities(String name, double[][] probabilities) {
    float[][] logits = new float[probabilities.length][];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = new float[probabilities[i].length];
      for (int j = 0; j < logits[i].length; j++) {
        logits[i][j] = (float) Math.log(probabilities[i][j]);
      }
    }
    return new TableModel(name, logits, 4096);
  }

  /** The same model with other logits or another context. */
  public TableModel with(UnaryOperator<float[][]> change, int contextLength) {
    return new TableModel(name, change.apply(logits), contextLength);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int vocabularySize() {
    return logits[0].length;
  }

  @Override
  public int contextLength() {
    return contextLength;
  }

  @Override
  public ModelSession open() {
    return new ModelSession() {
      private int length;

      @Override
      public int length() {
        return length;
      }

      @Override
      public Logits forward(int[] tokens, int from, int to) {
        FloatBuffer values = FloatBuffer.allocate((to - from) * vocabularySize());
        for (int i = from; i < to; i++) {
          values.put(logits[tokens[i]]);
        }
        length += to - from;
        return new Logits(name, values, to - from, vocabularySize(), length - (to - from));
      }

      @Override
      public void rollback(int length) {
        this.length = length;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() {}
}
