package redraft.metrics;

/**
 * One line of a replay: a configuration and what it gives. Field names are the columns of the CSV;
 * expectations are not rounded; null where there is no value.
 *
 * @param domain "all" for everything
 * @param draftLength asked for in the first step; null for the oracle
 * @param draftAcceptanceRate null where nothing was drafted
 * @param overlap mean Σ min(p, q); null where it is not known
 * @param targetModel that the prices are of, or else of the trace; so too the draft model
 * @param baselineMsPerToken null where only a cost ratio is known
 * @param msPerToken null where only a cost ratio is known
 * @param usdPerMillionTokens null where no price is known
 * @param basis "exact" expectation, mean of "sampled" timelines, or "estimate" at another
 *     temperature than the recorded one
 * @param meanSequenceSpeedup mean of the sequences' own speedups
 * @param meanThroughputSpeedup of the sequences' mean throughput, prefill included; null where its
 *     price is not known
 * @param timelines sampled, null where exact; so are the columns up to speedupP95
 * @param tokensPerStepBoundLow what an estimate is at least, whatever the logits that the trace
 *     left out are; null where it is no estimate, and so are the columns after it
 * @param speedupBoundLow the speedup with the least acceptances that those logits allow
 * @param speedupBoundHigh the speedup with the greatest
 * @param context prompt tokens that every sequence is priced with; null for its own
 * @param tokensPerSecond of all sequences of the batch together; null where only a cost ratio is
 *     known
 * @param baselineTokensPerSecond of plain decoding; null as above
 * @param baselineUsdPerMillionTokens of plain decoding; null where no price is known
 * @param shortfall why this cannot run, such as memory that the longest text does not fit into;
 *     null where nothing is known against it
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
    Double speedupP95,
    Double tokensPerStepBoundLow,
    Double tokensPerStepBoundHigh,
    Double speedupBoundLow,
    Double speedupBoundHigh,
    Integer context,
    Double tokensPerSecond,
    Double baselineTokensPerSecond,
    Double baselineUsdPerMillionTokens,
    String shortfall) {}
