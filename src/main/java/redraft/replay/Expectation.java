package redraft.replay;

import java.util.Arrays;
import redraft.steps.StepLog;

/**
 * What speculative decoding does on average when it emits one given path.
 *
 * @param tokens N, emitted in any case
 * @param steps expected number of steps
 * @param drafted expected number of drafted tokens
 * @param acceptedCounts [at least the longest draft + 1]: expected number of steps that accept
 *     exactly j tokens; null where that was not asked for
 * @param runSteps [runs] of single runs, of which the expectations are the means; null where
 *     expectations are exact
 * @param acceptedLimit accepted tokens that no rule for a chain exceeds, at these starts of steps;
 *     NaN where that is not known
 */
public record Expectation(
    int tokens,
    double steps,
    double drafted,
    double[] acceptedCounts,
    double[] runSteps,
    double acceptedLimit) {
  public Expectation(
      int tokens, double steps, double drafted, double[] acceptedCounts, double[] runSteps) {
    this(tokens, steps, drafted, acceptedCounts, runSteps, Double.NaN);
  }

  /** With what no rule accepts more than at these starts of steps. */
  Expectation limited(double accepted) {
    return new Expectation(tokens, steps, drafted, acceptedCounts, runSteps, accepted);
  }

  /** Of a sequence that the prefill finished. */
  static final Expectation NOTHING = new Expectation(0, 0, 0, new double[1], null);

  /** Of an exact replay. */
  public static Expectation of(int tokens, StepLog log) {
    return new Expectation(tokens, log.steps(), log.drafted(), log.acceptedCounts(), null);
  }

  /** The mean of sampled runs. */
  public static Expectation ofRuns(int tokens, StepLog log) {
    double[] steps = log.runSteps();
    double[] counts = log.acceptedCounts();
    for (int j = 0; j < counts.length; j++) {
      counts[j] /= steps.length;
    }
    return new Expectation(
        tokens,
        Arrays.stream(steps).sum() / steps.length,
        log.drafted() / steps.length,
        counts,
        steps);
  }

  /**
   * Expected number of accepted tokens: every emitted token is an accepted one or the last of its
   * step.
   */
  public double accepted() {
    return tokens - steps;
  }
}
