package redraft.metrics;

import java.util.Arrays;

/**
 * How sampled runs scatter.
 *
 * @param standardDeviation of the runs, not of their mean
 * @param p05 5th percentile
 * @param p50 median
 * @param p95 95th percentile
 */
public record Spread(double standardDeviation, double p05, double p50, double p95) {
  static Spread of(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
    return new Spread(
        Math.sqrt(squares / Math.max(1, values.length - 1)),
        at(sorted, 0.05),
        at(sorted, 0.5),
        at(sorted, 0.95));
  }

  private static double at(double[] sorted, double share) {
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
