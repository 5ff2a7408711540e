package redraft.sampling;

/**
 * How logits become the distribution that tokens are drawn from, in the order of Hugging Face's
 * logits warpers: temperature, then top-k, then top-p.
 *
 * @param temperature divides the logits; 0 puts all mass on the largest logit (the lowest id among
 *     equals)
 * @param topK keeps the k largest logits and those equal to the smallest of them; 0 keeps all
 * @param topP keeps the smallest set of largest probabilities whose sum reaches topP, at least one
 *     token; 1 keeps all
 */
public record SamplingParameters(double temperature, int topK, double topP) {
  /** Always the most probable token. */
  public static final SamplingParameters GREEDY = new SamplingParameters(0, 0, 1);

  public SamplingParameters {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "temperature " + temperature + " must be a number of at least 0 (0 is greedy)");
    }
    if (topK < 0) {
      throw new IllegalArgumentException("top-k " + topK + " must be at least 1, or 0 for all");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("top-p " + topP + " must be above 0 and at most 1");
    }
  }

  /** The model's own distribution at the given temperature. */
  public static SamplingParameters temperature(double temperature) {
    return new SamplingParameters(temperature, 0, 1);
  }
}
