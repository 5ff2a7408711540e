package redraft.synthetic;

/**
 * A mean acceptance length at one draft length, and what every law of that mean has in common.
 *
 * <p>A law is a distribution of the tokens J that a step would accept of a draft without end, the
 * same wherever the step starts. The mean fixes E min(J, K) = L − 1 and nothing else. Such
 * distributions are mixtures of those that have at most two values, so what is linear in the law,
 * or a ratio of two such things, is least and greatest at one of these (docs/theory.md).
 *
 * @param tokensPerStep L, the bonus or recovered token included
 * @param draftLength K
 */
public record MeanLength(double tokensPerStep, int draftLength) {
  /** The longest draft that may be typed, tokens. */
  public static final int LONGEST = 1000;

  public MeanLength {
    if (draftLength < 1 || draftLength > LONGEST) {
      throw new IllegalArgumentException(
          "draft length " + draftLength + " is not from 1 to " + LONGEST);
    }
    if (!(tokensPerStep >= 1 && tokensPerStep <= draftLength + 1)) {
      throw new IllegalArgumentException(
          tokensPerStep
              + " tokens a step are not from 1 to "
              + (draftLength + 1)
              + ", all that "
              + draftLength
              + " drafted and one bonus or recovered token can give");
    }
  }

  /** From the least to the greatest value. */
  public record Range(double low, double high) {}

  /** Something that a law decides through two numbers, of which it is a ratio of linear forms. */
  public interface Value {
    /**
     * @param tokensPerStep of steps that draft a given number of tokens
     * @param whole P(all of these are accepted)
     */
    double of(double tokensPerStep, double whole);
  }

  /**
   * Tokens per step at another draft length over all laws of this mean: with m = L − 1, from 1 + m
   * · K'/K to 1 + min(K', m) for K' ≤ K, from L to 1 + m · K'/K for K' ≥ K.
   *
   * @param other K'
   */
  public Range tokensPerStep(int other) {
    double accepted = tokensPerStep - 1;
    double even = 1 + accepted * other / draftLength;
    return other <= draftLength
        ? new Range(even, 1 + Math.min(other, accepted))
        : new Range(tokensPerStep, even);
  }

  /**
   * The range of a value at another draft length over all laws of this mean. O(max(K, K')²).
   *
   * @param other K'
   */
  public Range range(int other, Value value) {
    double mean = tokensPerStep - 1;
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    int longest = Math.max(other, draftLength);
    for (int few = 0; few <= longest && few <= mean; few++) {
      for (int many = few; many <= longest; many++) {
        int fewHere = Math.min(few, draftLength);
        int manyHere = Math.min(many, draftLength);
        if (manyHere < mean) {
          continue;
        }
        // J is few or many; where both are of the mean, many alone is a law by itself
        double often = manyHere == fewHere ? 1 : (mean - fewHere) / (manyHere - fewHere);
        double tokens = 1 + (1 - often) * Math.min(few, other) + often * Math.min(many, other);
        double whole = (few >= other ? 1 - often : 0) + (many >= other ? often : 0);
        double here = value.of(tokens, whole);
        low = Math.min(low, here);
        high = Math.max(high, here);
      }
    }
    return new Range(low, high);
  }
}
