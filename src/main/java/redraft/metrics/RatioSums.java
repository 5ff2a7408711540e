package redraft.metrics;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * A ratio of sums over prompts, R = Σx/Σy, and its 95% interval, from sums alone: memory does not
 * grow with the prompts, and sums of parts can be added.
 *
 * <p>R is the mean of the prompts' own ratios x/y with weights h = y/Σy. Its standard error is that
 * of a weighted mean whose values vary alike, √(Σh²(x/y − R)² · Σh² / (Σh² − 2Σh³ + (Σh²)²)), which
 * for equal weights is the linearised jackknife of the ratio (<a
 * href="https://doi.org/10.1002/9780470316481">Cochran 1977, Sampling Techniques</a>, §6.19). Few
 * or unequal prompts estimate it badly, so it reaches out by Student's t with Satterthwaite's
 * degrees of freedom (<a href="https://doi.org/10.2307/3002019">1946</a>), (Σh²)²/Σh⁴ − 1, rounded
 * down and at least 1; n − 1 where weights are equal. The interval is that of ln R, so that no end
 * is below 0.
 */
public final class RatioSums {
  private static final double ROUNDING = 1e-9; // of degrees of freedom
  private static final long MOST = 1L << 50; // prompts

  private long prompts;
  private final ExactSum[] xs = ExactSum.array(3); // Σ x, Σ x², Σ xy
  private final ExactSum[] ys = ExactSum.array(5); // Σ yⁱ, from i = 1

  /**
   * Adds what one prompt adds to both sums.
   *
   * @param y at least 0
   */
  public void add(double x, double y) {
    prompts++;
    xs[0].add(x);
    xs[1].add(x * x);
    xs[2].add(x * y);
    double power = 1;
    for (int i = 1; i < ys.length; i++) {
      power *= y;
      ys[i].add(power);
    }
  }

  /** Adds the sums of other prompts. */
  public void add(RatioSums other) {
    prompts += other.prompts;
    ExactSum.add(xs, other.xs);
    ExactSum.add(ys, other.ys);
  }

  void write(DataOutput out) throws IOException {
    out.writeLong(prompts);
    ExactSum.write(out, xs);
    ExactSum.write(out, ys);
  }

  void addFrom(DataInput in) throws IOException {
    prompts += in.readLong();
    ExactSum.addFrom(in, xs);
    ExactSum.addFrom(in, ys);
  }

  public long prompts() {
    return prompts;
  }

  public double ratio() {
    return xs[0].value() / ys[1].value();
  }

  /** Null below two prompts, which say nothing of others. */
  public Interval interval() {
    if (prompts < 2) {
      return null;
    }
    double reach = Math.exp(quantile(freedom(1)) * relativeError());
    return new Interval(ratio() / reach, ratio() * reach);
  }

  /** The standard error of R, of R. */
  private double relativeError() {
    double[] y = ExactSum.values(ys);
    double h2 = y[2] / Math.pow(y[1], 2);
    double h3 = y[3] / Math.pow(y[1], 3);
    double ratio = ratio();
    double squares = // rounding may take it below 0
        Math.max(0, xs[1].value() - 2 * ratio * xs[2].value() + ratio * ratio * y[2]);
    return Math.sqrt(squares * h2 / (h2 - 2 * h3 + h2 * h2)) / y[1] / ratio;
  }

  /**
   * Degrees of freedom.
   *
   * @param times as many prompts of the same kind
   */
  private long freedom(double times) {
    double[] y = ExactSum.values(ys);
    double h2 = y[2] / Math.pow(y[1], 2);
    double h4 = y[4] / Math.pow(y[1], 4);
    return Math.max(1, (long) Math.floor(times * h2 * h2 / h4 - 1 + ROUNDING));
  }

  /**
   * With how many prompts of the same kind the interval would be R·(1 + width) at most: errors fall
   * with the root of their number, and Student's t with its degrees of freedom. Null below two, and
   * where the sums are 0.
   *
   * @param width above 0
   */
  public Long promptsFor(double width) {
    if (prompts < 2) {
      return null;
    }
    double once = relativeError() / Math.log1p(width);
    if (!Double.isFinite(once)) {
      return null;
    }
    double least = prompts * Math.pow(quantile(Long.MAX_VALUE) * once, 2);
    long few = (long) Math.max(1, Math.min(Math.floor(least), MOST)); // too few, or all but one
    long enough = MOST;
    double most = prompts * Math.pow(quantile(freedom((double) few / prompts)) * once, 2);
    if (most < MOST) {
      enough = Math.max(2, (long) Math.ceil(most));
    }
    while (enough - few > 1) {
      long tried = few + (enough - few) / 2;
      double times = (double) tried / prompts;
      if (quantile(freedom(times)) * once <= Math.sqrt(times)) {
        enough = tried;
      } else {
        few = tried;
      }
    }
    return enough;
  }

  /**
   * By how many standard errors an interval reaches out.
   *
   * @param freedom degrees of it, at least 1
   */
  public static double quantile(long freedom) {
    return TDistribution.of(freedom).inverseSurvivalProbability(0.025);
  }
}
