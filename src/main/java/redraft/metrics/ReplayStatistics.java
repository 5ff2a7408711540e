package redraft.metrics;

import java.util.Arrays;
import redraft.metrics.ReplayRow.Intervals;
import redraft.metrics.ReplayRow.Needed;
import redraft.replay.Cost;
import redraft.replay.Expectation;
import redraft.replay.TraceReplay.Outcome;
import redraft.replay.TraceReplay.Text;

/**
 * What replay says of a set of sequences under one configuration, pooled: sums first, then ratios.
 * The samples of one prompt come one after the other; memory does not grow with the prompts.
 */
public final class ReplayStatistics {
  private int sequences;
  private long positions;
  private double steps;
  private double drafted;
  private double acceptedLimit;
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
  private final RatioSums speedups = new RatioSums(); // of the prompts before this one
  private final RatioSums tokensPerSteps = new RatioSums();
  private String prompt; // the one that the last sequence continues; null before the first
  private final double[] own = new double[4]; // its {baseline time, time, tokens, steps}

  /** Adds one sequence. */
  public void add(Outcome outcome) {
    add(outcome.text(), outcome.expectation(), outcome.cost());
  }

  /** Adds one sequence with another expectation than its own, such as a bound. */
  void add(Text text, Expectation expectation, Cost cost) {
    add(text.id(), text.positions(), text.overlapSum(), expectation, cost);
  }

  /**
   * Adds one sequence.
   *
   * @param id of its prompt: the samples of one prompt are not independent and count as one
   * @param positions generated tokens, those of the prefill included
   * @param overlapSum Σ over its positions of Σ_v min(p, q); NaN where it is not known
   */
  public void add(String id, int positions, double overlapSum, Expectation expectation, Cost cost) {
    sequences++;
    this.positions += positions;
    tokens += expectation.tokens();
    steps += expectation.steps();
    drafted += expectation.drafted();
    acceptedLimit += expectation.acceptedLimit();
    this.overlapSum += overlapSum;
    time += cost.time();
    baselineTime += cost.baselineTime();
    speedupSum += expectation.tokens() == 0 ? 1 : Metrics.speedup(cost.baselineTime(), cost.time());
    prefilledSum += positions / (cost.prefillTime() + cost.time());
    prefilledBaselineSum += positions / (cost.prefillTime() + cost.baselineTime());
    acceptedCounts = sum(acceptedCounts, expectation.acceptedCounts());
    if (cost.runTimes() != null) {
      timelineSteps = sum(timelineSteps, expectation.runSteps());
      timelineTimes = sum(timelineTimes, cost.runTimes());
    }
    if (!id.equals(prompt)) {
      endPrompt(speedups, tokensPerSteps);
      Arrays.fill(own, 0);
      prompt = id;
    }
    own[0] += cost.baselineTime();
    own[1] += cost.time();
    own[2] += expectation.tokens();
    own[3] += expectation.steps();
  }

  private void endPrompt(RatioSums speedups, RatioSums tokensPerSteps) {
    if (prompt != null) {
      speedups.add(own[0], own[1]);
      tokensPerSteps.add(own[2], own[3]);
    }
  }

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

  /** That no lossless rule for a chain exceeds at these starts of steps; NaN where not known. */
  public double acceptedLimit() {
    return acceptedLimit;
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
   * cost of the prefill is not known.
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

  /** Prompts, however many samples they have. */
  public long prompts() {
    return speedups.prompts() + (prompt == null ? 0 : 1);
  }

  /** 95% intervals over prompts, those of {@link RatioSums}. */
  public Intervals intervals() {
    RatioSums speedup = new RatioSums();
    RatioSums tokensPerStep = new RatioSums();
    speedup.add(speedups);
    tokensPerStep.add(tokensPerSteps);
    endPrompt(speedup, tokensPerStep);
    return new Intervals(
        speedup.interval(),
        tokensPerStep.interval(),
        prompts() < 2
            ? null
            : new Needed(
                prompts(),
                speedup.promptsFor(Needed.WIDTH),
                tokensPerStep.promptsFor(Needed.WIDTH)));
  }
}
