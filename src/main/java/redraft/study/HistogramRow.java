package redraft.synthetic;

/**
 * How often steps accept j tokens, as one source has it.
 *
 * @param domain "all" for everything
 * @param source "trace", "formula" or the name of a preset
 * @param accepted j
 * @param share P(accepted = j)
 */
public record HistogramRow(
    String trace,
    String domain,
    String draft,
    String rule,
    String source,
    int draftLength,
    int accepted,
    double share) {}
