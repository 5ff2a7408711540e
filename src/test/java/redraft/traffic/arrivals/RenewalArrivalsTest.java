package redraft.traffic.arrivals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.PoissonDistribution;
import org.junit.jupiter.api.Test;

class RenewalArrivalsTest {
  private static final Lengths ALIKE =
      new Lengths() {
        @Override
        public int promptTokens(long request) {
          return 3;
        }

        @Override
        public int outputTokens(long request) {
          return (int) request + 1;
        }
      };

  private static double[] gaps(double rate, double shape, int count, long seed) {
    RenewalArrivals arrivals = new RenewalArrivals(rate, shape, count + 1, seed, ALIKE);
    double[] gaps = new double[count];
    double before = arrivals.next().seconds();
    assertEquals(0, before);
    for (int i = 0; i < count; i++) {
      Arrival next = arrivals.next();
      gaps[i] = next.seconds() - before;
      before = next.seconds();
    }
    assertNull(arrivals.next());
    return gaps;
  }

  @Test
  void gapsHaveTheRateAndTheSpreadThatWereAskedFor() {
    int count = 20_000;
    for (double shape : new double[] {0.25, 1, 4}) {
      double[] gaps = gaps(5, shape, count, 11);
      double sum = 0;
      double squares = 0;
      for (double gap : gaps) {
        sum += gap;
        squares += gap * gap;
      }
      double mean = sum / count;
      double deviation = Math.sqrt(squares / count - mean * mean);
      assertEquals(.2, mean, 4 * .2 / Math.sqrt(shape * count), "shape " + shape);
      assertEquals(1 / Math.sqrt(shape), deviation / mean, .06 / Math.sqrt(shape));
    }
  }

  @Test
  void shapeOneIsPoisson() {
    int seconds = 4000;
    int[] counts = new int[12]; // seconds with so many requests, the last with that many or more
    double now = 0;
    int[] perSecond = new int[seconds];
    for (double gap : gaps(3, 1, 5 * seconds, 4)) {
      now += gap;
      if (now < seconds) {
        perSecond[(int) now]++;
      }
    }
    for (int each : perSecond) {
      counts[Math.min(each, counts.length - 1)]++;
    }
    PoissonDistribution law = PoissonDistribution.of(3);
    double chiSquared = 0;
    for (int k = 0; k < counts.length; k++) {
      double expected =
          seconds * (k == counts.length - 1 ? law.survivalProbability(k - 1) : law.probability(k));
      chiSquared += (counts[k] - expected) * (counts[k] - expected) / expected;
    }
    assertTrue(
        ChiSquaredDistribution.of(counts.length - 1).survivalProbability(chiSquared) > .001,
        "chi-squared " + chiSquared);
  }

  @Test
  void anotherRateHasTheSameGapsInItsOwnUnit() {
    double[] slow = gaps(2, .5, 100, 8);
    double[] fast = gaps(8, .5, 100, 8);
    for (int i = 0; i < slow.length; i++) {
      assertEquals(slow[i], 4 * fast[i], 1e-9 * slow[i] + 1e-12);
    }
  }

  @Test
  void requestsHaveTheLengthsOfTheirNumber() {
    RenewalArrivals arrivals = new RenewalArrivals(1, 1, 2, 0, ALIKE);
    arrivals.next();
    Arrival second = arrivals.next();
    assertEquals("1", second.id());
    assertEquals(3, second.promptTokens());
    assertEquals(2, second.outputTokens());
  }

  @Test
  void ratesAndShapesThatAreNoneAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new RenewalArrivals(0, 1, 2, 0, ALIKE));
    assertThrows(
        IllegalArgumentException.class, () -> new RenewalArrivals(1, Double.NaN, 2, 0, ALIKE));
  }

  @Test
  void anInfiniteShapeSpacesEvenly() {
    for (double gap : gaps(4, Double.POSITIVE_INFINITY, 100, 3)) {
      assertEquals(.25, gap, 1e-12);
    }
  }
}
