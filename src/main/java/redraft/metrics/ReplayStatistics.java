package redraft.metrics;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import redraft.replay.Expectation;

/**
 * What replay says of a set of sequences under one configuration, pooled: sums first, then ratios.
 */
public final class ReplayStatistics {
  private static final int RESAMPLES = 1000;

  private int sequences;
  private long positions;
  private double steps;
  private double drafted;
  private double accepted;
  private double overlapSum;
  private double time;
  private double baselineTime;
  private final Map<String, double[]> timesById = new LinkedHashMap<>(); // {baseline, speculative}

  /**
   * Adds one sequence.
   *
   * @param id of its prompt: the samples of one prompt are not independent and are resampled
   *     together
   * @param overlapSum Σ over its positions of Σ_v min(p, q)
   */
  public void add(String id, double overlapSum, Expectation expectation) {
    sequences++;
    positions += expectation.tokens();
    steps += expectation.steps();
    drafted += expectation.drafted();
    accepted += expectation.accepted();
    this.overlapSum += overlapSum;
    time += expectation.time();
    baselineTime += expectation.baselineTime();
    double[] times = timesById.computeIfAbsent(id, key -> new double[2]);
    times[0] += expectation.baselineTime();
    times[1] += expectation.time();
  }

  public int sequences() {
    return sequences;
  }

  public long positions() {
    return positions;
  }

  /** Expected number. */
  public double steps() {
    return steps;
  }

  /** Expected number of drafted tokens. */
  public double drafted() {
    return drafted;
  }

  /** Expected number of accepted tokens. */
  public double accepted() {
    return accepted;
  }

  public double tokensPerStep() {
    return Metrics.tokensPerStep(steps, accepted);
  }

  public double draftAcceptanceRate() {
    return Metrics.draftAcceptanceRate(drafted, accepted);
  }

  /** Mean over positions of Σ_v min(p, q): α of Leviathan et al. */
  public double overlap() {
    return overlapSum / positions;
  }

  public double baselineTimePerToken() {
    return baselineTime / positions;
  }

  public double timePerToken() {
    return time / positions;
  }

  public double speedup() {
    return Metrics.speedup(baselineTime, time);
  }

  /** Percentile bootstrap of the speedup over prompts, the samples of a prompt kept together. */
  public Interval speedupInterval(RandomGenerator random) {
    double[][] times = timesById.values().toArray(double[][]::new);
    double[] speedups = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      double baseline = 0;
      double speculative = 0;
      for (int j = 0; j < times.length; j++) {
        double[] drawn = times[random.nextInt(times.length)];
        baseline += drawn[0];
        speculative += drawn[1];
      }
      speedups[i] = Metrics.speedup(baseline, speculative);
    }
    Arrays.sort(speedups);
    return new Interval(speedups[(int) (0.025 * RESAMPLES)], speedups[(int) (0.975 * RESAMPLES)]);
  }
}
