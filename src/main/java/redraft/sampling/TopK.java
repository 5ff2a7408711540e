package redraft.sampling;

import java.util.Arrays;

/** The largest logits of a row, found without sorting the row. */
public final class TopK {
  private TopK() {}

  /**
   * The ids of the k largest logits, the largest first; of equal logits the lower id is first.
   *
   * @param logits [vocabularySize], none of them NaN
   * @param k from 1 to vocabularySize
   */
  public static int[] tokens(float[] logits, int k) {
    long[] best = new long[(int) Math.min(2L * k, logits.length)];
    int count = 0;
    float smallest = Float.NaN; // of the k best once there are k; until then nothing is below it
    for (int token = 0; token < logits.length; token++) {
      if (logits[token] <= smallest) {
        continue; // an equal one has a lower id
      }
      best[count++] = key(logits[token], token);
      if (count == best.length) {
        Arrays.sort(best);
        count = k;
        smallest = logits[(int) best[k - 1]];
      }
    }
    Arrays.sort(best, 0, count);
    int[] tokens = new int[k];
    for (int i = 0; i < k; i++) {
      tokens[i] = (int) best[i];
    }
    return tokens;
  }

  /** Ascending keys are descending logits, then ascending ids; the low half is the id. */
  private static long key(float logit, int token) {
    int bits = Float.floatToRawIntBits(logit + 0f); // + 0 makes −0 equal to 0
    int ascending = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    return ((long) ~ascending << 32) | token;
  }
}
