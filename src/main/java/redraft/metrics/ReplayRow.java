package redraft.metrics;

/**
 * One line of a replay: a configuration and what it gives. Field names are the columns of the CSV;
 * expectations are not rounded; null where there is no value.
 *
 * @param domain "all" for everything
 * @param overlap mean Σ min(p, q)
 * @param baselineMsPerToken null where only a cost ratio is known
 * @param msPerToken null where only a cost ratio is known
 * @param usdPerMillionTokens null where no price is known
 */
public record ReplayRow(
    String trace,
    String domain,
    String draft,
    String rule,
    String policy,
    int draftLength,
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
    double draftAcceptanceRate,
    double overlap,
    Double baselineMsPerToken,
    Double msPerToken,
    double speedup,
    double speedupLow,
    double speedupHigh,
    Double usdPerMillionTokens) {}
