package redraft.metrics;

import java.util.Arrays;
import org.apache.commons.statistics.descriptive.Quantile;
import org.apache.commons.statistics.descriptive.Quantile.EstimationMethod;

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
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
    double[] quantiles =
        Quantile.withDefaults().with(EstimationMethod.HF7).evaluate(values, 0.05, 0.5, 0.95);
    return new Spread(
        Math.sqrt(squares / Math.max(1, values.length - 1)),
        quantiles[0],
        quantiles[1],
        quantiles[2]);
  }
}
