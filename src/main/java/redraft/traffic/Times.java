package redraft.traffic;

import org.HdrHistogram.Histogram;

/**
 * Times of many requests: their mean exactly, their percentiles to a thousandth, in memory that
 * does not grow with them.
 */
public final class Times {
  private static final double US = 1e3; // in a millisecond

  private final Histogram histogram = new Histogram(3);
  private double sum;

  void add(double ms) {
    histogram.recordValue(Math.round(ms * US));
    sum += ms;
  }

  long count() {
    return histogram.getTotalCount();
  }

  /** Times; none where there was no request. */
  Percentiles percentiles() {
    long count = count();
    return count == 0
        ? new Percentiles(Double.NaN, Double.NaN, Double.NaN, Double.NaN)
        : new Percentiles(sum / count, at(50), at(90), at(99));
  }

  private double at(double percentile) {
    return histogram.getValueAtPercentile(percentile) / US;
  }

  /** Milliseconds. */
  public record Percentiles(double mean, double p50, double p90, double p99) {}
}
