package redraft.validation;

/**
 * One way to decode one domain: what replay predicts of it and what was measured. Field names are
 * the columns of the CSV.
 *
 * @param prompts that were decoded
 * @param predictedTokensPerStep from the trace
 * @param differenceLow measured − predicted tokens per step: 95% interval, jackknife over prompts;
 *     both ends 0 where every step came out as predicted
 * @param withinInterval whether that interval holds 0
 * @param predictedSpeedup from the trace and the profile
 * @param measuredSpeedup plain over speculative time per token
 * @param measuredSpeedupLow 95% interval, jackknife over prompts
 * @param speedupError predicted / measured − 1
 */
public record ValidationRow(
    String domain,
    double temperature,
    String rule,
    int draftLength,
    int prompts,
    double predictedTokensPerStep,
    double measuredTokensPerStep,
    double differenceLow,
    double differenceHigh,
    boolean withinInterval,
    double predictedSpeedup,
    double measuredSpeedup,
    double measuredSpeedupLow,
    double measuredSpeedupHigh,
    double speedupError) {}
