package redraft.synthetic;

/**
 * What one source says of one draft length, and what the trace gives there. Field names are the
 * columns of the CSV; nothing is rounded; null where there is no value.
 *
 * @param domain "all" for everything
 * @param source "trace", "formula" or the name of a preset
 * @param schedule how the source's acceptance goes with the place in the block; "recorded" for the
 *     trace
 * @param overlap mean Σ min(p, q) of the trace; null where it is not known
 * @param chosen whether this is the draft length with the source's highest speedup, the shortest of
 *     them
 * @param tokensPerStep as the source has it
 * @param speedup as the source has it
 * @param recordedTokensPerStep of the trace at this draft length
 * @param recordedSpeedup of the trace at this draft length, and the 95% interval of it
 * @param speedupLost recorded speedup at the trace's own best draft length − recorded speedup here
 * @param speedupKept recorded speedup here / recorded speedup at the trace's own best draft length
 * @param totalVariation between the accepted counts of source and trace at this draft length
 */
public record ComparisonRow(
    String trace,
    String domain,
    String draft,
    String rule,
    String hardware,
    int sequences,
    long positions,
    Double overlap,
    String source,
    String schedule,
    int draftLength,
    boolean chosen,
    double tokensPerStep,
    double speedup,
    double recordedTokensPerStep,
    double recordedSpeedup,
    double recordedSpeedupLow,
    double recordedSpeedupHigh,
    double speedupLost,
    double speedupKept,
    double totalVariation) {}
