package redraft.validation;

/**
 * A measured run and what is predicted of it.
 *
 * @param predicted speedup; null where it cannot be priced
 * @param held whether other runs of its source are in the fit, and were kept out of this one
 * @param problem why it cannot be priced; null where it can
 */
public record RunPrediction(MeasuredRun run, Double predicted, boolean held, String problem) {
  private static final double CLOSE = 0.05;

  /** Null where no speedup was measured. */
  public Double measured() {
    return run.measured().speedup();
  }

  /** Predicted / measured − 1; null where nothing is predicted. */
  public Double error() {
    return predicted == null ? null : (Double) (predicted / measured() - 1);
  }

  /** Whether it says rightly that speculation is faster, or slower; null as for the error. */
  public Boolean verdictRight() {
    return predicted == null ? null : (Boolean) (predicted > 1 == measured() > 1);
  }

  /** Whether speculation was measured as fast as plain decoding, within 5%. */
  public boolean tooClose() {
    return Math.abs(measured() - 1) <= CLOSE + 1e-12;
  }
}
