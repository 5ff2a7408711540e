package redraft.metrics;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Intervals of statistics of few prompts: the delete-one jackknife (<a
 * href="https://doi.org/10.1214/aoms/1177706647">Tukey 1958</a>) with Student's t, which is wide
 * enough where a percentile bootstrap over a dozen prompts is too narrow.
 */
public final class Jackknife {
  private Jackknife() {}

  /**
   * What the prompts add up to.
   *
   * @param prompts [n ≥ 1][m]
   */
  public static double[] sums(List<double[]> prompts) {
    double[] sums = new double[prompts.get(0).length];
    for (double[] prompt : prompts) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += prompt[i];
      }
    }
    return sums;
  }

  /**
   * A 95% interval around the statistic of all prompts.
   *
   * @param prompts [n ≥ 2][m]: what each prompt adds to the sums
   * @param statistic of the sums over prompts
   */
  public static Interval interval(List<double[]> prompts, ToDoubleFunction<double[]> statistic) {
    int n = prompts.size();
    if (n < 2) {
      throw new IllegalArgumentException(n + " prompts have no interval; at least 2 have");
    }
    double[] sums = sums(prompts);
    double[] without = new double[n];
    double mean = 0;
    for (int j = 0; j < n; j++) {
      double[] others = sums.clone();
      for (int i = 0; i < sums.length; i++) {
        others[i] -= prompts.get(j)[i];
      }
      without[j] = statistic.applyAsDouble(others);
      mean += without[j] / n;
    }
    double squares = 0;
    for (double value : without) {
      squares += (value - mean) * (value - mean);
    }
    double error = Math.sqrt(squares * (n - 1) / n);
    double reach = TDistribution.of(n - 1).inverseSurvivalProbability(0.025) * error;
    double all = statistic.applyAsDouble(sums);
    return new Interval(all - reach, all + reach);
  }
}
