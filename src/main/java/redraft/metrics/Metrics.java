package redraft.metrics;

/**
 * Every metric of a run, defined once. j is a step's accepted tokens, K its drafted ones; sums are
 * over steps.
 */
public final class Metrics {
  private Metrics() {}

  /**
   * Tokens emitted per step, the bonus or recovered token included: 1 + Σj/steps (vLLM's mean
   * acceptance length).
   */
  public static double tokensPerStep(double steps, double accepted) {
    return 1 + accepted / steps;
  }

  /** Σj/ΣK (vLLM's and llama.cpp's draft acceptance rate); NaN when nothing was drafted. */
  public static double draftAcceptanceRate(double drafted, double accepted) {
    return accepted / drafted;
  }

  /** Baseline time / speculative time, decoding only. */
  public static double speedup(double baselineTime, double time) {
    return baselineTime / time;
  }

  /**
   * The speedup if every token were accepted independently with probability α: (1 − α^(K+1)) / ((1
   * − α)(Kc + 1)) (<a href="https://arxiv.org/abs/2211.17192">Leviathan et al. 2023</a>, Theorem
   * 3.8).
   *
   * @param acceptance α from 0 to 1
   * @param costRatio c, draft pass / target pass
   */
  public static double independentSpeedup(double acceptance, int draftLength, double costRatio) {
    double tokensPerStep = 0; // 1 + α + … + α^K, without the division by 1 − α
    for (int k = draftLength; k >= 0; k--) {
      tokensPerStep = tokensPerStep * acceptance + 1;
    }
    return tokensPerStep / (draftLength * costRatio + 1);
  }
}
