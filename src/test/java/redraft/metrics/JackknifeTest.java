package redraft.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JackknifeTest {
  private static double[] one(double value) {
    return new double[] {value, 1};
  }

  private static double mean(double[] sums) {
    return sums[0] / sums[1];
  }

  // For a mean it is the textbook interval: 2 ± t(2 degrees of freedom) · 1/√3, t = 4.30265.
  @Test
  void ofAMeanItIsStudentsInterval() {
    Interval interval = Jackknife.interval(List.of(one(1), one(2), one(3)), JackknifeTest::mean);
    assertEquals(2 - 4.302652729911275 / Math.sqrt(3), interval.low(), 1e-9);
    assertEquals(2 + 4.302652729911275 / Math.sqrt(3), interval.high(), 1e-9);
  }

  @Test
  void equalPromptsLeaveNoDoubt() {
    Interval interval = Jackknife.interval(List.of(one(2), one(2), one(2)), JackknifeTest::mean);
    assertEquals(new Interval(2, 2), interval);
    assertThrows(
        IllegalArgumentException.class,
        () -> Jackknife.interval(List.of(one(1)), JackknifeTest::mean));
  }

  // The ratio of sums of a dozen prompts of uneven length, around a true ratio of 2.
  @Test
  void theIntervalHoldsTheTruthNineteenTimesInTwenty() {
    Random random = new Random(1);
    int held = 0;
    for (int trial = 0; trial < 2000; trial++) {
      List<double[]> prompts = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        double length = 20 + 80 * random.nextDouble();
        prompts.add(new double[] {length * (2 + .5 * random.nextGaussian()), length});
      }
      Interval interval = Jackknife.interval(prompts, JackknifeTest::mean);
      held += interval.low() <= 2 && 2 <= interval.high() ? 1 : 0;
    }
    assertTrue(held > 2000 * .935 && held < 2000 * .965, held + " of 2000");
  }
}
