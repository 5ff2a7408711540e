package redraft.validation;

/**
 * One published measurement and what is predicted of it.
 *
 * @param note what explains a large error; null for none
 */
public record PublishedRow(
    Experiment experiment, Measured measured, Formula formula, Roofline roofline, String note) {

  /**
   * What was run, and where it is written.
   *
   * @param confidence how the published figures were obtained
   */
  public record Experiment(
      String source,
      String hardware,
      String target,
      String draft,
      String task,
      String temperature,
      String confidence) {}

  /**
   * What its authors publish; null where they do not.
   *
   * @param acceptance α
   * @param costRatio c
   * @param baselineMs a token of plain decoding
   */
  public record Measured(
      Integer draftLength,
      Double acceptance,
      Double costRatio,
      double speedup,
      Double baselineMs) {}

  /**
   * What the closed formula makes of it (Leviathan et al. 2023, Theorem 3.8).
   *
   * @param speedup from α, draft length and c; null where one of them is not published
   * @param impliedAcceptance the α that gives the published speedup; null where an α is published,
   *     or no draft length
   */
  public record Formula(Double speedup, Double impliedAcceptance) {}

  /**
   * What hardware and model shapes make of it; null where there is nothing to set it beside.
   *
   * @param costRatio draft pass / target pass
   * @param speedup from α, draft length and what steps cost
   * @param baselineMs a token of plain decoding
   */
  public record Roofline(Double costRatio, Double speedup, Double baselineMs) {}

  /** The formula's speedup / the published one − 1; null where there is none. */
  public Double formulaError() {
    return error(formula.speedup, measured.speedup);
  }

  /** The roofline's speedup / the published one − 1; null where there is none. */
  public Double rooflineError() {
    return error(roofline.speedup, measured.speedup);
  }

  /** The roofline's time of plain decoding / the published one − 1; null where there is none. */
  public Double baselineError() {
    return error(roofline.baselineMs, measured.baselineMs);
  }

  private static Double error(Double predicted, Double published) {
    return predicted == null ? null : predicted / published - 1;
  }
}
