package redraft.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChangeTest {
  /** Prompts named from {@code first} on, each of {baseline time, time, tokens, steps}. */
  private static Map<String, double[]> prompts(int first, double[]... sums) {
    Map<String, double[]> all = new LinkedHashMap<>();
    for (double[] each : sums) {
      all.put("p" + (first + all.size()), new double[] {each[0], each[1], each[0], each[1]});
    }
    return all;
  }

  private static double[] own(double x, double y) {
    return new double[] {x, y};
  }

  private static final Map<String, double[]> TWICE = prompts(0, own(2, 1), own(2, 1));

  // After: 3/2 = 1.5, before: 2. Without the first prompt ln(2/2) = 0, without the second
  // ln(1/2) = −0.69315: error √((2 · 0.34657²) · 1/2) = 0.34657, t(1) = 12.7062.
  @Test
  void promptsOfBothAreComparedEachWithItself() {
    Change change = Change.ofSpeedup(TWICE, prompts(0, own(1, 1), own(2, 1)));
    assertEquals(2, change.before());
    assertEquals(1.5, change.after());
    assertEquals(0.25, change.loss());
    assertTrue(change.paired());
    assertEquals(2, change.promptsAfter());
    double reach = 12.706204736432095 * Math.log(2) / 2;
    assertEquals(0.75 * Math.exp(-reach), change.ratio().low(), 1e-9);
    assertEquals(0.75 * Math.exp(reach), change.ratio().high(), 1e-6);
    assertEquals(1 - 0.75 * Math.exp(-reach), change.lossInterval().high(), 1e-9);
  }

  // Before without error, so that Welch's degrees of freedom are those of the two prompts after: 1.
  @Test
  void otherPromptsAreComparedWithoutPairing() {
    Change change = Change.ofSpeedup(TWICE, prompts(7, own(1, 1), own(2, 1)));
    assertFalse(change.paired());
    assertEquals(0.25, change.loss());
    double reach = 12.706204736432095 * Math.log(2) / 2;
    assertEquals(0.75 * Math.exp(-reach), change.ratio().low(), 1e-9);
    // Errors of √2 · 0.34657 together, and (2v)² / (v² + v²) = 2 degrees of freedom, t = 4.30265.
    Change both =
        Change.ofTokensPerStep(prompts(0, own(1, 1), own(2, 1)), prompts(7, own(1, 1), own(2, 1)));
    assertEquals(0, both.loss());
    assertEquals(
        Math.exp(4.302652729911275 * Math.sqrt(2) * Math.log(2) / 2), both.ratio().high(), 1e-6);
    assertFalse(both.real());
  }

  @Test
  void promptsOfOneTraceAloneAreLeftOutOfAPairing() {
    Change change = Change.ofSpeedup(TWICE, prompts(0, own(2, 1), own(2, 1), own(9, 1)));
    assertTrue(change.paired());
    assertEquals(2, change.after());
    assertEquals(1, change.leftOut());
    // One shared of three and four are too few to pair.
    Change few =
        Change.ofSpeedup(
            prompts(0, own(2, 1), own(2, 1), own(2, 1)),
            prompts(2, own(2, 1), own(2, 1), own(2, 1), own(2, 1)));
    assertFalse(few.paired());
    assertEquals(3, few.promptsBefore());
    assertEquals(4, few.promptsAfter());
  }

  @Test
  void onePromptHasNoInterval() {
    assertNull(Change.ofSpeedup(TWICE, prompts(5, own(2, 1))).ratio());
    assertNull(Change.ofSpeedup(prompts(0, own(2, 1)), prompts(0, own(2, 1))).ratio());
  }

  // A dozen prompts, whose difficulty both traces share or do not; the truth is no change.
  @Test
  void theIntervalHoldsTheTruthNineteenTimesInTwenty() {
    Random random = new Random(3);
    for (boolean paired : new boolean[] {true, false}) {
      int held = 0;
      double width = 0;
      for (int trial = 0; trial < 2000; trial++) {
        Map<String, double[]> before = new LinkedHashMap<>();
        Map<String, double[]> after = new LinkedHashMap<>();
        for (int i = 0; i < 12; i++) {
          double ease = 2 + .4 * random.nextGaussian();
          double other = paired ? ease : 2 + .4 * random.nextGaussian();
          before.put("p" + i, sums(ease, random));
          after.put("p" + (paired ? i : 100 + i), sums(other, random));
        }
        Change change = Change.ofSpeedup(before, after);
        assertEquals(paired, change.paired());
        held += change.real() ? 0 : 1;
        width += Math.log(change.ratio().high() / change.ratio().low()) / 2000;
      }
      assertTrue(held > 2000 * .935 && held < 2000 * .97, paired + ": " + held + " of 2000");
      assertTrue(paired ? width < .2 : width > .3, "width " + width); // pairing is worth it
    }
  }

  private static double[] sums(double speedup, Random random) {
    double time = 20 + 60 * random.nextDouble();
    double baseline = time * (speedup + .1 * random.nextGaussian());
    return new double[] {baseline, time, baseline, time};
  }
}
