package redraft.model;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Whether a model's logits depend on how rows are grouped into passes. Where they do not, a
 * recorded probability is that of every decoding, and replay is exact; where they do, plain and
 * speculative decoding see slightly different models, and replay is as near as they are.
 *
 * @param tokens scored, random ones
 * @param largest difference of a logit between two ways of grouping
 * @param meanChange mean over rows of half the summed differences of probabilities, in the grouping
 *     where it is largest: the share of tokens that would be drawn otherwise
 * @param rows of the passes that differ from one pass over everything
 */
public record RowGrouping(int tokens, double largest, double meanChange, List<Integer> rows) {
  private static final int[] ROWS = {1, 2, 3, 5, 8, 17};

  /**
   * Scores the same random tokens in one pass and in passes of 1, 2, 3, 5, 8 and 17 rows.
   *
   * @throws ModelException if the model gives logits that are no numbers
   */
  public static RowGrouping of(LanguageModel model, int tokens) {
    int count = Math.min(Math.min(tokens, model.contextLength()), ModelSession.MAX_ROWS);
    int[] text = new SplittableRandom(1).ints(count, 0, model.vocabularySize()).toArray();
    List<Integer> differing = new ArrayList<>();
    double largest = 0;
    double change = 0;
    try (ModelSession session = model.open()) {
      float[][] whole = score(session, text, count);
      for (int rows : ROWS) {
        if (rows >= count) {
          continue;
        }
        float[][] grouped = score(session, text, rows);
        double most = 0;
        double sum = 0;
        for (int row = 0; row < count; row++) {
          for (int token = 0; token < whole[row].length; token++) {
            most = Math.max(most, Math.abs(whole[row][token] - grouped[row][token]));
          }
          sum += most == 0 ? 0 : distance(whole[row], grouped[row]);
        }
        if (most > 0) {
          differing.add(rows);
          largest = Math.max(largest, most);
          change = Math.max(change, sum / count);
        }
      }
    }
    return new RowGrouping(count, largest, change, List.copyOf(differing));
  }

  /**
   * For a model that does not let its passes be grouped at will.
   *
   * @param whole what follows the last token of a text that was read in one pass
   * @param single the same of a text that was read token by token
   */
  public static RowGrouping ofLastRow(int tokens, float[] whole, float[] single) {
    double most = 0;
    for (int token = 0; token < whole.length; token++) {
      most =
          whole[token] == single[token]
              ? most
              : Math.max(most, Math.abs(whole[token] - single[token]));
    }
    return most == 0
        ? new RowGrouping(tokens, 0, 0, List.of())
        : new RowGrouping(tokens, most, distance(whole, single), List.of(1));
  }

  private static float[][] score(ModelSession session, int[] text, int rows) {
    float[][] all = new float[text.length][];
    session.rollback(0);
    for (int from = 0; from < text.length; from += rows) {
      Logits logits = session.forward(text, from, Math.min(text.length, from + rows));
      for (int row = 0; row < logits.rows(); row++) {
        FloatBuffer values = logits.row(row);
        all[from + row] = new float[values.limit()];
        values.get(0, all[from + row]);
        requireNumbers(all[from + row], logits, row);
      }
    }
    return all;
  }

  /** A logit of −∞ forbids its token, and is fine where another token is left. */
  private static void requireNumbers(float[] row, Logits logits, int index) {
    boolean left = false;
    for (float logit : row) {
      left |= Float.isFinite(logit);
      if (Float.isNaN(logit) || logit == Float.POSITIVE_INFINITY) {
        throw useless(logits, index, Float.isNaN(logit) ? "NaN" : "+∞");
      }
    }
    if (!left) {
      throw useless(logits, index, "−∞ for every token");
    }
  }

  private static ModelException useless(Logits logits, int row, String what) {
    return new ModelException(
        "model '"
            + logits.model()
            + "' gives "
            + what
            + " as a logit after token "
            + (logits.firstPosition() + row)
            + " of a text: its weights are damaged, or too large for their precision; fetch or export it again");
  }

  /** Half the summed absolute differences of the two distributions at temperature 1. */
  private static double distance(float[] a, float[] b) {
    double[] p = probabilities(a);
    double[] q = probabilities(b);
    double sum = 0;
    for (int token = 0; token < p.length; token++) {
      sum += Math.abs(p[token] - q[token]);
    }
    return sum / 2;
  }

  private static double[] probabilities(float[] logits) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      largest = Math.max(largest, logit);
    }
    double[] weights = new double[logits.length];
    double sum = 0;
    for (int token = 0; token < weights.length; token++) {
      weights[token] = Math.exp(logits[token] - largest);
      sum += weights[token];
    }
    for (int token = 0; token < weights.length; token++) {
      weights[token] /= sum;
    }
    return weights;
  }

  /** Whether all groupings gave the same bits. */
  public boolean exact() {
    return rows.isEmpty();
  }

  /** What a reader of a trace of this model has to know, or nothing. */
  public Optional<String> warning(LanguageModel model) {
    return exact()
        ? Optional.empty()
        : Optional.of(
            String.format(
                java.util.Locale.ROOT,
                "logits of model '%s' depend on how rows are grouped into passes (by up to %.2g over %d tokens,"
                    + " %.2g of the probability)%s: replay of its traces is approximate",
                model.name(),
                largest,
                tokens,
                meanChange,
                model.dependsOnGrouping() == null ? "" : ", as " + model.dependsOnGrouping()));
  }
}
