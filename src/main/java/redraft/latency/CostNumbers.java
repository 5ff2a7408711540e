package redraft.latency;

/** The numbers that costs are made of: with larger ones sums and prices are infinite. */
final class CostNumbers {
  /** Milliseconds: eleven days. */
  static final double MS = 1e9;

  /** The least time that is not 0, in milliseconds: a nanosecond. */
  static final double LEAST_MS = 1e-6;

  /** A cost over another, or US dollars an hour. */
  static final double RATIO = 1e6;

  private CostNumbers() {}

  /**
   * @param what with its value, such as {@code "cost ratio 1.0E308"}
   * @throws IllegalArgumentException if the value is below 0, larger, or no number
   */
  static void require(String what, double value, double most) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(what + " must be a number of at least 0");
    }
    if (value > most) {
      throw new IllegalArgumentException(what + " must be at most " + (long) most);
    }
  }
}
