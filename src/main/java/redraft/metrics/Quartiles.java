package redraft.metrics;

import org.apache.commons.statistics.descriptive.Quantile;
import org.apache.commons.statistics.descriptive.Quantile.EstimationMethod;

/** How measured values scatter: interpolated linearly between the ordered ones. */
public record Quartiles(double low, double median, double high) {
  private static final Quantile QUANTILE = Quantile.withDefaults().with(EstimationMethod.HF7);

  /**
   * @param values one at least
   */
  public static Quartiles of(double... values) {
    double[] found = QUANTILE.evaluate(values, 0.25, 0.5, 0.75);
    return new Quartiles(found[0], found[1], found[2]);
  }
}
