package redraft.report;

/**
 * One quantity as it was predicted and as it was measured.
 *
 * @param label what of, such as a domain or a model pair; rows that share it share a colour
 * @param measuredLow 95% interval of the measured value; the value itself where there is none
 */
public record Measured(
    String label, double predicted, double measured, double measuredLow, double measuredHigh) {
  /** Without an interval. */
  public Measured(String label, double predicted, double measured) {
    this(label, predicted, measured, measured, measured);
  }
}
