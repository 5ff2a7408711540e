package redraft.metrics;

/**
 * How often steps accept j tokens under one configuration; expectations over steps.
 *
 * @param domain "all" for everything
 * @param draftLength asked for in the first step; null for the oracle
 * @param accepted j
 * @param steps expected number of steps that accept exactly j
 * @param share steps / all steps: P(accepted = j)
 * @param joint P(accepted ≥ j)
 * @param conditional P(accepted ≥ j | accepted ≥ j − 1); null for j = 0 and where nothing gets
 *     there
 */
public record AcceptanceRow(
    String trace,
    String domain,
    String draft,
    String rule,
    String policy,
    Integer draftLength,
    int accepted,
    double steps,
    double share,
    double joint,
    Double conditional) {}
