package redraft.traffic;

import org.apache.commons.statistics.distribution.TDistribution;

/**
 * A mean over runs and how far it would move with others: a 95% interval by Student's t.
 *
 * @param low NaN, as {@code high}, where there is one run
 */
public record Estimate(double mean, double low, double high) {
  static Estimate of(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    double mean = sum / values.length;
    if (values.length == 1) {
      return new Estimate(mean, Double.NaN, Double.NaN);
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    double error = Math.sqrt(squares / (values.length - 1) / values.length);
    double half = error * TDistribution.of(values.length - 1).inverseCumulativeProbability(0.975);
    return new Estimate(mean, mean - half, mean + half);
  }
}
