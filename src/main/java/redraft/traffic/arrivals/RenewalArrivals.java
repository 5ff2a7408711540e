package redraft.traffic.arrivals;

import java.util.random.RandomGenerator;
import org.apache.commons.statistics.distribution.GammaDistribution;
import redraft.sampling.RandomStreams;

/**
 * Requests with independent gamma gaps: Poisson arrivals for shape 1, burstier below, steadier
 * above, evenly spaced for an infinite one, as vLLM's {@code --burstiness} has it. The same seed
 * gives the same gaps at every rate, but for their unit.
 */
public final class RenewalArrivals implements Arrivals {
  private final double ratePerSecond;
  private final GammaDistribution gaps; // of mean 1; null where all are alike
  private final long count;
  private final Lengths lengths;
  private final RandomGenerator random;
  private long number;
  private double seconds;

  /**
   * @param shape of the gamma distribution of gaps; their coefficient of variation is 1/√shape
   * @param count of requests
   */
  public RenewalArrivals(
      double ratePerSecond, double shape, long count, long seed, Lengths lengths) {
    if (!(ratePerSecond > 0 && ratePerSecond <= 1e9)) {
      throw new IllegalArgumentException(
          "a rate of " + ratePerSecond + " requests a second must be above 0 and at most 1e9");
    }
    requireShape(shape);
    this.ratePerSecond = ratePerSecond;
    gaps = Double.isInfinite(shape) ? null : GammaDistribution.of(shape, 1 / shape);
    this.count = count;
    this.lengths = lengths;
    random = new RandomStreams(seed).stream("arrivals");
  }

  /**
   * @throws IllegalArgumentException if no gaps have this shape
   */
  public static void requireShape(double shape) {
    if (!(shape >= 0.01 && (shape <= 1e6 || shape == Double.POSITIVE_INFINITY))) {
      throw new IllegalArgumentException(
          "a burstiness of "
              + shape
              + " must be from 0.01 to 1e6, or Infinity; 1 is Poisson arrivals, Infinity evenly spaced ones");
    }
  }

  @Override
  public Arrival next() {
    if (number == count) {
      return null;
    }
    if (number > 0) {
      seconds += gap() / ratePerSecond;
    }
    Arrival arrival =
        new Arrival(
            Long.toString(number),
            seconds,
            lengths.promptTokens(number),
            lengths.outputTokens(number),
            null);
    number++;
    return arrival;
  }

  /** The next gap in units of the mean one. */
  private double gap() {
    if (gaps == null) {
      return 1;
    }
    double uniform = random.nextDouble();
    return gaps.getShape() == 1
        ? -Math.log1p(-uniform)
        : gaps.inverseCumulativeProbability(uniform);
  }

  @Override
  public void close() {}
}
