package redraft.metrics;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import redraft.metrics.ReplayRow.Intervals;
import redraft.metrics.ReplayRow.Needed;
import redraft.replay.Cost;
import redraft.replay.Expectation;
import redraft.replay.TraceReplay.Outcome;
import redraft.replay.TraceReplay.Text;

/**
 * What replay says of a set of sequences under one configuration, pooled: sums first, then ratios.
 * The samples of one prompt come one after the other; memory does not grow with the prompts. Sums
 * are exact, so that parts add up to the same whatever their order.
 */
public final class ReplayStatistics {
  private long sequences;
  private long positions;
  private long tokens; // committed by decoding: positions less those of the prefill
  private final ExactSum steps = new ExactSum();
  private final ExactSum drafted = new ExactSum();
  private final ExactSum acceptedLimit = new ExactSum();
  private final ExactSum overlapSum = new ExactSum();
  private final ExactSum time = new ExactSum();
  private final ExactSum baselineTime = new ExactSum();
  private final ExactSum speedupSum = new ExactSum(); // of the sequences' own speedups
  private final ExactSum prefilledSum = new ExactSum(); // of their throughput, prefill included
  private final ExactSum prefilledBaselineSum = new ExactSum();
  private final List<ExactSum> sums =
      List.of(
          steps,
          drafted,
          acceptedLimit,
          overlapSum,
          time,
          baselineTime,
          speedupSum,
          prefilledSum,
          prefilledBaselineSum);
  private ExactSum[] acceptedCounts; // null until known
  private ExactSum[] timelineSteps; // [runs], or null
  private ExactSum[] timelineTimes; // [runs], or null
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
    steps.add(expectation.steps());
    drafted.add(expectation.drafted());
    acceptedLimit.add(expectation.acceptedLimit());
    this.overlapSum.add(overlapSum);
    time.add(cost.time());
    baselineTime.add(cost.baselineTime());
    speedupSum.add(
        expectation.tokens() == 0 ? 1 : Metrics.speedup(cost.baselineTime(), cost.time()));
    prefilledSum.add(positions / (cost.prefillTime() + cost.time()));
    prefilledBaselineSum.add(positions / (cost.prefillTime() + cost.baselineTime()));
    if (expectation.acceptedCounts() != null) {
      acceptedCounts = ExactSum.add(acceptedCounts, expectation.acceptedCounts());
    }
    if (cost.runTimes() != null) {
      if (expectation.runSteps() != null) { // of a text that the prefill finished
        timelineSteps = ExactSum.add(timelineSteps, expectation.runSteps());
      }
      timelineTimes = ExactSum.add(timelineTimes, cost.runTimes());
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

  /** Writes what {@link #addFrom} adds; the last prompt ends here. */
  public void write(DataOutput out) throws IOException {
    out.writeLong(sequences);
    if (sequences == 0) {
      return; // as the bounds of what is exact
    }
    out.writeLong(positions);
    out.writeLong(tokens);
    for (ExactSum sum : sums) {
      sum.write(out);
    }
    ExactSum.write(out, acceptedCounts);
    ExactSum.write(out, timelineSteps);
    ExactSum.write(out, timelineTimes);
    RatioSums speedup = new RatioSums();
    RatioSums tokensPerStep = new RatioSums();
    addPrompts(speedup, tokensPerStep);
    speedup.write(out);
    tokensPerStep.write(out);
  }

  /** Adds what others wrote, of other prompts. */
  public void addFrom(DataInput in) throws IOException {
    long others = in.readLong();
    if (others == 0) {
      return;
    }
    sequences += others;
    positions += in.readLong();
    tokens += in.readLong();
    for (ExactSum sum : sums) {
      sum.addFrom(in);
    }
    acceptedCounts = ExactSum.addFrom(in, acceptedCounts);
    timelineSteps = ExactSum.addFrom(in, timelineSteps);
    timelineTimes = ExactSum.addFrom(in, timelineTimes);
    speedups.addFrom(in);
    tokensPerSteps.addFrom(in);
  }

  private void addPrompts(RatioSums speedup, RatioSums tokensPerStep) {
    speedup.add(speedups);
    tokensPerStep.add(tokensPerSteps);
    endPrompt(speedup, tokensPerStep);
  }

  public long sequences() {
    return sequences;
  }

  public long positions() {
    return positions;
  }

  /** Expected number. */
  public double steps() {
    return steps.value();
  }

  /** Expected number of drafted tokens. */
  public double drafted() {
    return drafted.value();
  }

  /** Expected number of accepted tokens. */
  public double accepted() {
    return tokens - steps.value();
  }

  /** That no lossless rule for a chain exceeds at these starts of steps; NaN where not known. */
  public double acceptedLimit() {
    return acceptedLimit.value();
  }

  public double tokensPerStep() {
    return Metrics.tokensPerStep(steps(), accepted());
  }

  public double draftAcceptanceRate() {
    return Metrics.draftAcceptanceRate(drafted(), accepted());
  }

  /** Mean over positions of Σ_v min(p, q): α of Leviathan et al. */
  public double overlap() {
    return overlapSum.value() / positions;
  }

  public double baselineTimePerToken() {
    return baselineTime.value() / tokens;
  }

  public double timePerToken() {
    return time.value() / tokens;
  }

  public double speedup() {
    return Metrics.speedup(baselineTime.value(), time.value());
  }

  /** The mean of the sequences' own speedups; long and short sequences count alike. */
  public double meanSequenceSpeedup() {
    return speedupSum.value() / sequences;
  }

  /**
   * The sequences' mean throughput, prefill included, over that of plain decoding; NaN where the
   * cost of the prefill is not known.
   */
  public double meanThroughputSpeedup() {
    return prefilledSum.value() / prefilledBaselineSum.value();
  }

  /**
   * Expected number of steps that accept exactly j tokens, for j = 0, 1, …; null where it was not
   * asked for.
   */
  public double[] acceptedCounts() {
    return acceptedCounts == null ? null : ExactSum.values(acceptedCounts);
  }

  /**
   * Spread over the sampled timelines, each of all sequences; null where expectations are exact.
   */
  public Spread stepsSpread() {
    return timelineSteps == null ? null : Spread.of(ExactSum.values(timelineSteps));
  }

  /** As {@link #stepsSpread}, of the speedup. */
  public Spread speedupSpread() {
    return timelineTimes == null
        ? null
        : Spread.of(
            Arrays.stream(timelineTimes)
                .mapToDouble(sampled -> Metrics.speedup(baselineTime.value(), sampled.value()))
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
    addPrompts(speedup, tokensPerStep);
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
