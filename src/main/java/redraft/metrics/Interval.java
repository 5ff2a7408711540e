package redraft.metrics;

/** A 95% interval. */
public record Interval(double low, double high) {
  /** Null where there is no interval. */
  public static Double low(Interval interval) {
    return interval == null ? null : (Double) interval.low;
  }

  /** Null where there is no interval. */
  public static Double high(Interval interval) {
    return interval == null ? null : (Double) interval.high;
  }
}
