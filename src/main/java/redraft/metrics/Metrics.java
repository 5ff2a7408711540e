package redraft.metrics;

/**
 * Every metric of a run, defined once. j is a step's accepted tokens, K its drafted ones; sums are
 * over steps.
 */
public final class Metrics {
  private Metrics() {}

  /** Null for NaN, which stands for what is not known. */
  public static Double known(double value) {
    return Double.isNaN(value) ? null : (Double) value;
  }

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
   * Tokens of all sequences together a second: 1000 · batch / (ms/token).
   *
   * @param msPerToken of one sequence
   */
  public static double tokensPerSecond(double msPerToken, int batch) {
    return 1000.0 * batch / msPerToken;
  }

  /**
   * US dollars for a million tokens: rent of an hour / tokens an hour · 10⁶.
   *
   * @param msPerToken of one sequence
   */
  public static double usdPerMillionTokens(double msPerToken, int batch, double usdPerHour) {
    return 1e6 * usdPerHour / (3600 * tokensPerSecond(msPerToken, batch));
  }

  /**
   * Tokens per step if every token were accepted independently with probability α: 1 + α + … + α^K
   * = (1 − α^(K+1)) / (1 − α) (<a href="https://arxiv.org/abs/2211.17192">Leviathan et al.
   * 2023</a>, equation 1).
   *
   * @param acceptance α from 0 to 1
   */
  public static double independentTokensPerStep(double acceptance, int draftLength) {
    double tokensPerStep = 0; // without the division by 1 − α
    for (int k = draftLength; k >= 0; k--) {
      tokensPerStep = tokensPerStep * acceptance + 1;
    }
    return tokensPerStep;
  }

  /**
   * The speedup if every token were accepted independently with probability α: (1 − α^(K+1)) / ((1
   * − α)(Kc + 1)) (Leviathan et al. 2023, Theorem 3.8).
   *
   * @param acceptance α from 0 to 1
   * @param costRatio c, draft pass / target pass
   */
  public static double independentSpeedup(double acceptance, int draftLength, double costRatio) {
    return independentTokensPerStep(acceptance, draftLength) / (draftLength * costRatio + 1);
  }

  /**
   * Total variation ½ Σ_j |P(j) − Q(j)|: the most by which two distributions of the accepted count
   * differ in the probability of any set of counts; 0 for equal ones, 1 for disjoint ones.
   *
   * @param p probabilities of 0, 1, …; zero beyond the end, as in {@code q}
   */
  public static double totalVariation(double[] p, double[] q) {
    double sum = 0;
    for (int j = 0; j < Math.max(p.length, q.length); j++) {
      sum += Math.abs((j < p.length ? p[j] : 0) - (j < q.length ? q[j] : 0));
    }
    return sum / 2;
  }
}
