package redraft.study;

import redraft.metrics.Interval;

/**
 * What one source says of one draft length, and what the trace gives there. Nothing is rounded;
 * null where there is no value.
 *
 * @param totalVariation between the accepted counts of source and trace at this draft length
 */
public record ComparisonRow(
    Key key,
    Counts counts,
    Choice choice,
    Predicted predicted,
    Recorded recorded,
    double totalVariation) {
  /**
   * @param domain "all" for everything
   */
  public record Key(String trace, String domain, String draft, String rule, String hardware) {}

  /**
   * Of the trace.
   *
   * @param overlap mean Σ min(p, q); null where it is not known
   */
  public record Counts(long sequences, long positions, Double overlap) {}

  /**
   * @param source "trace", "formula" or the name of a preset
   * @param schedule how the source's acceptance goes with the place in the block; "recorded" for
   *     the trace
   * @param chosen whether this is the draft length with the source's highest speedup, the shortest
   *     of them
   */
  public record Choice(String source, String schedule, int draftLength, boolean chosen) {}

  /** As the source has it. */
  public record Predicted(double tokensPerStep, double speedup) {}

  /**
   * As the trace has it, at this draft length.
   *
   * @param interval of the speedup; null below two prompts
   * @param bestSpeedup at the trace's own best draft length
   */
  public record Recorded(
      double tokensPerStep, double speedup, Interval interval, double bestSpeedup) {
    /** Best speedup − speedup here. */
    public double lost() {
      return bestSpeedup - speedup;
    }

    /** Speedup here / best speedup. */
    public double kept() {
      return speedup / bestSpeedup;
    }
  }

  public String domain() {
    return key.domain;
  }

  public String source() {
    return choice.source;
  }

  public int draftLength() {
    return choice.draftLength;
  }

  public boolean chosen() {
    return choice.chosen;
  }

  public double speedup() {
    return predicted.speedup;
  }
}
