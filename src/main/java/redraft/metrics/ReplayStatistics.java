package redraft.metrics;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import redraft.replay.Expectation;
import redraft.replay.TraceReplay.Outcome;

/**
 * What replay says of a set of sequences under one configuration, pooled: sums first, then ratios.
 */
public final class ReplayStatistics {
  private static final int RESAMPLES = 1000;

  private int sequences;
  private long positions;
  private double steps;
  private double drafted;
  private long tokens; // committed by decoding: positions less those of the prefill
  private double overlapSum;
  private double time;
  private double baselineTime;
  private double speedupSum; // of the sequences' own speedups
  private double prefilledSum; // of the sequences' throughput, prefill included
  private double prefilledBaselineSum;
  private double[] acceptedCounts; // null until known
  private double[] timelineSteps; // [runs], or null
  private double[] timelineTimes; // [runs], or null
  private final Map<String, double[]> byId =
      new LinkedHashMap<>(); // {baseline time, time, tokens, steps}

  /** Adds one sequence. */
  public void add(Outcome outcome) {
    add(outcome, outcome.expectation());
  }

  /** Adds one sequence with another expectation than its own, such as a bound. */
  void add(Outcome outcome, Expectation expectation) {
    add(
        outcome.id(),
        outcome.positions(),
        outcome.overlapSum(),
        outcome.prefillTime(),
        expectation);
  }

  /**
   * Adds one sequence.
   *
   * @param id of its prompt: the samples of one prompt are not independent and are resampled
   *     together
   * @param positions generated tokens, those of the prefill included
   * @param overlapSum Σ over its positions of Σ_v min(p, q); NaN where it is not known
   * @param prefillTime in the unit of the expectation's times; NaN where it is not known
   */
  public void add(
      String id, int positions, double overlapSum, double prefillTime, Expectation expectation) {
    sequences++;
    this.positions += positions;
    tokens += expectation.tokens();
    steps += expectation.steps();
    drafted += expectation.drafted();
    this.overlapSum += overlapSum;
    time += expectation.time();
    baselineTime += expectation.baselineTime();
    speedupSum +=
        expectation.tokens() == 0
            ? 1
            : Metrics.speedup(expectation.baselineTime(), expectation.time());
    prefilledSum += positions / (prefillTime + expectation.time());
    prefilledBaselineSum += positions / (prefillTime + expectation.baselineTime());
    acceptedCounts = sum(acceptedCounts, expectation.acceptedCounts());
    if (expectation.timelines() != null) {
      timelineSteps = sum(timelineSteps, expectation.timelines().steps());
      timelineTimes = sum(timelineTimes, expectation.timelines().times());
    }
    double[] own = {
      expectation.baselineTime(), expectation.time(), expectation.tokens(), expectation.steps()
    };
    byId.merge(id, own, ReplayStatistics::sum);
  }

  /** Element by element, the shorter array continued with zeros; null stands for no array. */
  private static double[] sum(double[] a, double[] b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    double[] longer = a.length >= b.length ? a.clone() : b.clone();
    double[] shorter = a.length >= b.length ? b : a;
    for (int i = 0; i < shorter.length; i++) {
      longer[i] += shorter[i];
    }
    return longer;
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
    return tokens - steps;
  }

  public double tokensPerStep() {
    return Metrics.tokensPerStep(steps, accepted());
  }

  public double draftAcceptanceRate() {
    return Metrics.draftAcceptanceRate(drafted, accepted());
  }

  /** Mean over positions of Σ_v min(p, q): α of Leviathan et al. */
  public double overlap() {
    return overlapSum / positions;
  }

  public double baselineTimePerToken() {
    return baselineTime / tokens;
  }

  public double timePerToken() {
    return time / tokens;
  }

  public double speedup() {
    return Metrics.speedup(baselineTime, time);
  }

  /** The mean of the sequences' own speedups; long and short sequences count alike. */
  public double meanSequenceSpeedup() {
    return speedupSum / sequences;
  }

  /**
   * The sequences' mean throughput, prefill included, over that of plain decoding; NaN where the
   * price of the prefill is not known.
   */
  public double meanThroughputSpeedup() {
    return prefilledSum / prefilledBaselineSum;
  }

  /**
   * Expected number of steps that accept exactly j tokens, for j = 0, 1, …; null where it was not
   * asked for.
   */
  public double[] acceptedCounts() {
    return acceptedCounts;
  }

  /**
   * Spread over the sampled timelines, each of all sequences; null where expectations are exact.
   */
  public Spread stepsSpread() {
    return timelineSteps == null ? null : Spread.of(timelineSteps);
  }

  /** As {@link #stepsSpread}, of the speedup. */
  public Spread speedupSpread() {
    return timelineTimes == null
        ? null
        : Spread.of(
            Arrays.stream(timelineTimes)
                .map(sampled -> Metrics.speedup(baselineTime, sampled))
                .toArray());
  }

  /** 95% intervals: percentile bootstrap over prompts, the samples of a prompt kept together. */
  public record Intervals(Interval speedup, Interval tokensPerStep) {}

  /** Both intervals, on the same resamples. */
  public Intervals intervals(RandomGenerator random) {
    double[][] own = byId.values().toArray(double[][]::new);
    double[] speedups = new double[RESAMPLES];
    double[] tokensPerStep = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      double[] sums = new double[4];
      for (int j = 0; j < own.length; j++) {
        double[] drawn = own[random.nextInt(own.length)];
        for (int k = 0; k < sums.length; k++) {
          sums[k] += drawn[k];
        }
      }
      speedups[i] = Metrics.speedup(sums[0], sums[1]);
      tokensPerStep[i] = Metrics.tokensPerStep(sums[3], sums[2] - sums[3]);
    }
    return new Intervals(percentiles(speedups), percentiles(tokensPerStep));
  }

  private static Interval percentiles(double[] values) {
    Arrays.sort(values);
    return new Interval(values[(int) (0.025 * RESAMPLES)], values[(int) (0.975 * RESAMPLES)]);
  }

  /** The interval of the speedup; see {@link #intervals}. */
  public Interval speedupInterval(RandomGenerator random) {
    return intervals(random).speedup();
  }

  /** The interval of the tokens per step; see {@link #intervals}. */
  public Interval tokensPerStepInterval(RandomGenerator random) {
    return intervals(random).tokensPerStep();
  }
}
