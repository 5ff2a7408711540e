package redraft.metrics;

import java.util.List;
import redraft.latency.Deployment;
import redraft.replay.Setting;
import redraft.trace.Grade;

/**
 * One line of a replay: a configuration and what it gives. Expectations are not rounded; what is
 * not known is null.
 *
 * @param key the configuration
 * @param sampled null where expectations are exact
 * @param bounds null where it is no estimate
 * @param shortfall why this cannot run, such as memory that the longest text does not fit into;
 *     null where nothing is known against it
 */
public record ReplayRow(
    Key key,
    Counts counts,
    Speed speed,
    Intervals intervals,
    Sampled sampled,
    Bounds bounds,
    String shortfall) {
  /**
   * @param domain "all" for everything
   * @param targetModel that the costs are of, or else of the trace
   * @param draftModel as for the target; a draft without a model is named itself
   * @param recordedTarget that the acceptance is of
   * @param grade what the trace can answer; null where acceptance was typed in or assumed
   */
  public record Key(
      String trace,
      String domain,
      Setting setting,
      String targetModel,
      String draftModel,
      String recordedTarget,
      Grade grade) {}

  /**
   * How much was replayed, and the expected totals.
   *
   * @param overlap mean Σ min(p, q); null where it is not known
   * @param acceptedLimit that no lossless rule exceeds at these starts of steps: of a chain any, of
   *     a tree one that decides node by node; null where it is not known
   */
  public record Counts(
      long sequences,
      long positions,
      double steps,
      double drafted,
      double accepted,
      Double overlap,
      Double acceptedLimit) {
    /** Null where it is not known. */
    public Double tokensPerStepLimit() {
      return acceptedLimit == null ? null : (Double) Metrics.tokensPerStep(steps, acceptedLimit);
    }

    public double tokensPerStep() {
      return Metrics.tokensPerStep(steps, accepted);
    }

    /** Null where nothing was drafted. */
    public Double draftAcceptanceRate() {
      return Metrics.known(Metrics.draftAcceptanceRate(drafted, accepted));
    }
  }

  /**
   * @param baselineMsPerToken null where only a cost ratio is known
   * @param msPerToken null as above
   * @param meanSequence mean of the sequences' own speedups
   * @param meanThroughput of the sequences' mean throughput, prefill included; null where what it
   *     costs is not known
   */
  public record Speed(
      Double baselineMsPerToken,
      Double msPerToken,
      double speedup,
      double meanSequence,
      Double meanThroughput) {}

  /**
   * Over prompts, 95%; null below two prompts.
   *
   * @param needed null below two prompts
   */
  public record Intervals(Interval speedup, Interval tokensPerStep, Needed needed) {
    /** Where there are no prompts. */
    public static final Intervals NONE = new Intervals(null, null, null);
  }

  /**
   * Prompts that there are, and with how many of the same kind each interval would be ±2%.
   *
   * @param prompts that there are
   * @param speedup null where nothing was decoded
   * @param tokensPerStep null as above
   */
  public record Needed(long prompts, Long speedup, Long tokensPerStep) {
    /** Half of the interval that is asked for, of 1. */
    public static final double WIDTH = 0.02;
  }

  /** How sampled timelines scatter. */
  public record Sampled(int timelines, double stepsSd, Spread speedup) {}

  /** What an estimate is at least and at most, whatever the logits that the trace left out are. */
  public record Bounds(
      double tokensPerStepLow, double tokensPerStepHigh, double speedupLow, double speedupHigh) {}

  /** The one with the higher speedup; this one where they are alike. */
  public ReplayRow faster(ReplayRow other) {
    return other.speedup() > speedup() ? other : this;
  }

  /** The one with the highest speedup, the first of them. */
  public static ReplayRow fastest(List<ReplayRow> rows) {
    return rows.stream().reduce(ReplayRow::faster).orElseThrow();
  }

  public Setting setting() {
    return key.setting;
  }

  public Deployment deployment() {
    return key.setting.deployment();
  }

  public String trace() {
    return key.trace;
  }

  public String domain() {
    return key.domain;
  }

  public String draft() {
    return key.setting.draft().name();
  }

  public String rule() {
    return key.setting.rule().name();
  }

  public String policy() {
    return key.setting.policy().name();
  }

  /** Asked for in the first step; null where the policy takes none. */
  public Integer draftLength() {
    return key.setting.draftLength();
  }

  public String targetModel() {
    return key.targetModel;
  }

  public String draftModel() {
    return key.draftModel;
  }

  public String hardware() {
    return deployment().name();
  }

  public int batch() {
    return deployment().batch();
  }

  /** Prompt tokens that every sequence is taken to have; null for its own. */
  public Integer context() {
    return deployment().contextTokens();
  }

  public double tokensPerStep() {
    return counts.tokensPerStep();
  }

  public Double overlap() {
    return counts.overlap;
  }

  public double speedup() {
    return speed.speedup;
  }

  /** Null below two prompts. */
  public Double speedupLow() {
    return Interval.low(intervals.speedup);
  }

  /** Null below two prompts. */
  public Double speedupHigh() {
    return Interval.high(intervals.speedup);
  }

  /** With which the speedup's interval would be ±2%; null below two prompts. */
  public Long promptsNeeded() {
    return intervals.needed == null ? null : intervals.needed.speedup;
  }

  /** Null below two prompts. */
  public Double tokensPerStepLow() {
    return Interval.low(intervals.tokensPerStep);
  }

  /** Null below two prompts. */
  public Double tokensPerStepHigh() {
    return Interval.high(intervals.tokensPerStep);
  }

  /**
   * "exact" expectation, mean of "sampled" timelines, or "estimate" at another temperature than the
   * recorded one.
   */
  public String basis() {
    return bounds != null ? "estimate" : sampled != null ? "sampled" : "exact";
  }

  /** Of all sequences of the batch together; null where only a cost ratio is known. */
  public Double tokensPerSecond() {
    return tokensPerSecond(speed.msPerToken);
  }

  /** Of plain decoding; null as above. */
  public Double baselineTokensPerSecond() {
    return tokensPerSecond(speed.baselineMsPerToken);
  }

  private Double tokensPerSecond(Double msPerToken) {
    return msPerToken == null ? null : Metrics.tokensPerSecond(msPerToken, batch());
  }

  /** Null where no rent is known, that of a draft's own devices included. */
  public Double usdPerMillionTokens() {
    return setting().draft().ahead() ? null : usdPerMillionTokens(speed.msPerToken);
  }

  /** Of plain decoding; null where no rent is known. */
  public Double baselineUsdPerMillionTokens() {
    return usdPerMillionTokens(speed.baselineMsPerToken);
  }

  private Double usdPerMillionTokens(Double msPerToken) {
    double usdPerHour = deployment().usdPerHour();
    return msPerToken == null || Double.isNaN(usdPerHour)
        ? null
        : Metrics.usdPerMillionTokens(msPerToken, batch(), usdPerHour);
  }
}
