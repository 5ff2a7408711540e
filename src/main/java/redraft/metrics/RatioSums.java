package redraft.metrics;

import org.apache.commons.statistics.distribution.TDistribution;

/**
 * A ratio of sums over prompts, Σx/Σy, and its 95% interval, from sums alone: memory does not grow
 * with the prompts, and sums of parts can be added.
 *
 * <p>The interval is Student's t, with n − 1 degrees of freedom, on the linearised (infinitesimal)
 * jackknife: with R = Σx/Σy the standard error is √(n/(n − 1) · Σ(x − R y)²) / Σy (<a
 * href="https://doi.org/10.1002/9780470316481">Cochran 1977, Sampling Techniques</a>, §2.11 and
 * §6.19).
 */
public final class RatioSums {
  private long prompts;
  private double x;
  private double y;
  private double xx;
  private double xy;
  private double yy;

  /** Adds what one prompt adds to both sums. */
  public void add(double x, double y) {
    prompts++;
    this.x += x;
    this.y += y;
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }

  /** Adds the sums of other prompts. */
  public void add(RatioSums other) {
    prompts += other.prompts;
    x += other.x;
    y += other.y;
    xx += other.xx;
    xy += other.xy;
    yy += other.yy;
  }

  public long prompts() {
    return prompts;
  }

  public double ratio() {
    return x / y;
  }

  /** Null below two prompts, which say nothing of others. */
  public Interval interval() {
    if (prompts < 2) {
      return null;
    }
    double ratio = ratio();
    double squares = Math.max(0, xx - 2 * ratio * xy + ratio * ratio * yy); // rounding below 0
    double error = Math.sqrt(squares * prompts / (prompts - 1)) / y;
    double reach = quantile(prompts) * error;
    return new Interval(ratio - reach, ratio + reach);
  }

  /** By how many standard errors the interval of this many prompts, at least 2, reaches out. */
  public static double quantile(long prompts) {
    return TDistribution.of(prompts - 1).inverseSurvivalProbability(0.025);
  }
}
