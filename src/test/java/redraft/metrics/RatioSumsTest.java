package redraft.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RatioSumsTest {
  private static RatioSums of(double... xy) {
    RatioSums sums = new RatioSums();
    for (int i = 0; i < xy.length; i += 2) {
      sums.add(xy[i], xy[i + 1]);
    }
    return sums;
  }

  // R = 2, residuals ±1: √(2 · 2)/4 = 1/2, of R a quarter; t with 1 degree is tan(0.475 π).
  @Test
  void twoEqualPromptsReachOutByStudentsTWithOneDegreeOfFreedom() {
    double reach = Math.exp(Math.tan(Math.PI * .475) / 4);
    Interval interval = of(3, 2, 5, 2).interval();
    assertEquals(2 / reach, interval.low(), 1e-12);
    assertEquals(2 * reach, interval.high(), 1e-10);
  }

  // h = 1/6, 2/6, 3/6, so (Σh²)²/Σh⁴ − 1 = 196/98 − 1 = 1 degree, and 126/67 where three equal
  // prompts have 3/2; R = 2, residuals 1, 0, −1.
  @Test
  void unequalPromptsCountForFewer() {
    double error = Math.sqrt(2 * 126 / 67.) / 6;
    double reach = Math.exp(Math.tan(Math.PI * .475) * error / 2);
    assertEquals(2 / reach, of(3, 1, 4, 2, 5, 3).interval().low(), 1e-12);
  }

  @Test
  void belowTwoPromptsThereIsNoInterval() {
    assertNull(of().interval());
    assertNull(of(3, 2).interval());
    assertEquals(1.5, of(3, 2).ratio());
  }

  @Test
  void sumsOfPartsAddUp() {
    RatioSums parts = of(3, 1, 4, 2);
    parts.add(of(5, 3, 9, 4));
    assertEquals(of(3, 1, 4, 2, 5, 3, 9, 4).interval(), parts.interval());
    assertEquals(4, parts.prompts());
  }

  @Test
  void promptsThatAgreeLeaveNoDoubtWhateverRoundingDoes() {
    Interval interval = of(1.1, 1, 3.3, 3, 7.7, 7).interval();
    assertEquals(1.1, interval.low(), 1e-6);
    assertEquals(1.1, interval.high(), 1e-6);
  }

  /** Texts of 20 to 256 tokens; the tokens per step of a prompt from 1 to 4, few of them many. */
  private static void addPrompt(RatioSums sums, SplittableRandom random) {
    double tokens = 20 + random.nextInt(237);
    double least = Math.min(random.nextDouble(), random.nextDouble());
    sums.add(tokens, tokens / (1 + 3 * least) * 1.3);
  }

  // 3,000 intervals: of those that hold the truth with 95%, 94.0% do so or more but once in 200.
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 12, 48})
  void theIntervalHoldsTheTruthNinetyFiveTimesInAHundredAlsoWithFewPrompts(int prompts) {
    SplittableRandom random = new SplittableRandom(11);
    RatioSums all = new RatioSums();
    for (int i = 0; i < 1_000_000; i++) {
      addPrompt(all, random);
    }
    int trials = 3000;
    int held = 0;
    for (int trial = 0; trial < trials; trial++) {
      RatioSums some = new RatioSums();
      for (int i = 0; i < prompts; i++) {
        addPrompt(some, random);
      }
      Interval interval = some.interval();
      held += interval.low() <= all.ratio() && all.ratio() <= interval.high() ? 1 : 0;
    }
    double share = (double) held / trials;
    assertTrue(share >= .94, share + " of the intervals of " + prompts + " prompts");
    assertTrue(share <= .99, "no wider than it must be: " + share);
  }
}
