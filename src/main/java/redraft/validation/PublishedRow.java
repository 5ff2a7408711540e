package redraft.validation;

/**
 * One published measurement and what is predicted of it; null where there is nothing to predict
 * from. Field names are those of the JSON.
 *
 * @param confidence how the published figures were obtained
 * @param acceptance α
 * @param costRatio c, as published
 * @param speedup as measured by the authors
 * @param formulaSpeedup from α, draft length and c (Leviathan et al. 2023, Theorem 3.8)
 * @param formulaError predicted / published − 1
 * @param rooflineCostRatio draft pass / target pass, from hardware and shapes
 * @param rooflineSpeedup from α, draft length and the roofline's prices
 * @param rooflineError predicted / published − 1
 * @param impliedAcceptance the α that gives the published speedup by the formula, where no α is
 *     published
 * @param baselineMs a token of plain decoding, as measured by the authors
 * @param rooflineBaselineMs from hardware and shapes
 * @param baselineError predicted / published − 1
 * @param note what explains a large error; null for none
 */
public record PublishedRow(
    String source,
    String hardware,
    String target,
    String draft,
    String task,
    String temperature,
    String confidence,
    Integer draftLength,
    Double acceptance,
    Double costRatio,
    double speedup,
    Double formulaSpeedup,
    Double formulaError,
    Double rooflineCostRatio,
    Double rooflineSpeedup,
    Double rooflineError,
    Double impliedAcceptance,
    Double baselineMs,
    Double rooflineBaselineMs,
    Double baselineError,
    String note) {}
