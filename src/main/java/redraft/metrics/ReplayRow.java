package redraft.metrics;

/**
 * One line of a replay: a configuration and what it gives. Field names are the columns of the CSV;
 * expectations are not rounded; null where there is no value.
 *
 * @param domain "all" for everything
 * @param draftLength asked for in the first step; null for the oracle
 * @param draftAcceptanceRate null where nothing was drafted
 * @param overlap mean Σ min(p, q); null where it is not known
 * @param baselineMsPerToken null where only a cost ratio is known
 * @param msPerToken null where only a cost ratio is known
 * @param usdPerMillionTokens null where no price is known
 * @param basis "exact" expectation, or mean of "sampled" timelines
 * @param meanSequenceSpeedup mean of the sequences' own speedups
 * @param meanThroughputSpeedup of the sequences' mean throughput, prefill included; null where its
 *     price is not known
 * @param timelines sampled, null where exact; so are the columns after it
 */
public record ReplayRow(
    String trace,
    String domain,
    String draft,
    String rule,
    String policy,
    Integer draftLength,
    String targetModel,
    String draftModel,
    String hardware,
    int batch,
    int sequences,
    long positions,
    double steps,
    double drafted,
    double accepted,
    double tokensPerStep,
    Double draftAcceptanceRate,
    Double overlap,
    Double baselineMsPerToken,
    Double msPerToken,
    double speedup,
    double speedupLow,
    double speedupHigh,
    Double usdPerMillionTokens,
    String basis,
    double tokensPerStepLow,
    double tokensPerStepHigh,
    double meanSequenceSpeedup,
    Double meanThroughputSpeedup,
    Integer timelines,
    Double stepsSd,
    Double speedupSd,
    Double speedupP05,
    Double speedupP50,
    Double speedupP95) {}
