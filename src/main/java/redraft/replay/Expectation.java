package redraft.replay;

/**
 * What speculative decoding does on average when it emits one given path.
 *
 * @param tokens N, emitted in any case
 * @param steps expected number of steps
 * @param drafted expected number of drafted tokens
 * @param acceptedCounts [at least the longest draft + 1]: expected number of steps that accept
 *     exactly j tokens
 * @param time expected, in the unit of the latency model
 * @param baselineTime of plain decoding of the same tokens
 * @param timelines single runs, of which the expectations are the means; null where expectations
 *     are exact
 */
public record Expectation(
    int tokens,
    double steps,
    double drafted,
    double[] acceptedCounts,
    double time,
    double baselineTime,
    Timelines timelines) {
  /** Of a sequence that the prefill finished. */
  static final Expectation NOTHING = new Expectation(0, 0, 0, new double[1], 0, 0, null);

  /**
   * Expected number of accepted tokens: every emitted token is an accepted one or the last of its
   * step.
   */
  public double accepted() {
    return tokens - steps;
  }
}
