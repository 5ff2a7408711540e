package redraft.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import redraft.replay.Cost;
import redraft.replay.Expectation;

class ReplayStatisticsTest {
  /** A sequence whose baseline costs 1 a token. */
  private static void add(
      ReplayStatistics statistics,
      String id,
      int tokens,
      double overlap,
      double prefill,
      double... stepsDraftedTime) {
    statistics.add(
        id,
        tokens,
        overlap,
        new Expectation(tokens, stepsDraftedTime[0], stepsDraftedTime[1], null, null),
        new Cost(stepsDraftedTime[2], tokens, prefill, null));
  }

  // A: 10 tokens in 4 steps, time 5. B: 30 tokens in 20 steps, time 25.
  @Test
  void sumsComeBeforeRatios() {
    ReplayStatistics both = new ReplayStatistics();
    add(both, "a", 10, 7, 1, 4, 12, 5);
    add(both, "b", 30, 15, 5, 20, 40, 25);
    assertEquals(2, both.sequences());
    assertEquals(40, both.positions());
    assertEquals(24, both.steps());
    assertEquals(52, both.drafted());
    assertEquals(16, both.accepted()); // 6 + 10
    assertEquals(40 / 24., both.tokensPerStep(), 1e-15);
    assertEquals(16 / 52., both.draftAcceptanceRate(), 1e-15);
    assertEquals(22 / 40., both.overlap(), 1e-15);
    assertEquals(1, both.baselineTimePerToken(), 1e-15);
    assertEquals(30 / 40., both.timePerToken(), 1e-15);
    assertEquals(40 / 30., both.speedup(), 1e-15);
    assertEquals((10 / 5. + 30 / 25.) / 2, both.meanSequenceSpeedup(), 1e-15);
    // Prefill 1 and 5: 10/6 and 30/30 tokens in a unit of time, plainly 10/11 and 30/35.
    assertEquals((10 / 6. + 1) / (10 / 11. + 30 / 35.), both.meanThroughputSpeedup(), 1e-15);
  }

  @Test
  void whatOneSequenceDoesNotKnowTheWholeDoesNot() {
    ReplayStatistics statistics = new ReplayStatistics();
    add(statistics, "a", 10, 7, 1, 4, 12, 5);
    add(statistics, "b", 10, Double.NaN, Double.NaN, 4, 12, 5);
    assertEquals(Double.NaN, statistics.overlap());
    assertEquals(Double.NaN, statistics.meanThroughputSpeedup());
    assertEquals(2, statistics.speedup());
  }

  @Test
  void histogramsOfDifferentLengthsAreAdded() {
    ReplayStatistics statistics = new ReplayStatistics();
    assertNull(statistics.acceptedCounts());
    statistics.add(
        "a", 3, 2, new Expectation(3, 2, 2, new double[] {1, 1}, null), new Cost(2, 3, 0, null));
    statistics.add(
        "b",
        5,
        4,
        new Expectation(5, 2, 5, new double[] {1, 0, 0, 1}, null),
        new Cost(3, 5, 0, null));
    statistics.add(
        "c", 1, 1, new Expectation(1, 1, 0, new double[] {1}, null), new Cost(1, 1, 0, null));
    assertArrayEquals(new double[] {3, 1, 0, 1}, statistics.acceptedCounts());
  }

  // Run 1 takes 10 + 20, run 2 takes 20 + 20, run 3 takes 30 + 40; the baseline 60.
  @Test
  void aTimelineRunsThroughAllSequences() {
    ReplayStatistics statistics = new ReplayStatistics();
    assertNull(statistics.stepsSpread());
    assertNull(statistics.speedupSpread());
    addSampled(statistics, "a", 20, 10, 20, 30);
    addSampled(statistics, "b", 40, 20, 20, 40);
    Spread steps = statistics.stepsSpread();
    // Between 30, 40 and 70, a tenth of the way from an end to the middle.
    assertEquals(31, steps.p05(), 1e-12);
    assertEquals(40, steps.p50());
    assertEquals(67, steps.p95(), 1e-12);
    // Mean 140/3: squares 2500/9 + 400/9 + 4900/9, over 2.
    assertEquals(Math.sqrt(7800 / 9. / 2), steps.standardDeviation(), 1e-12);
    assertEquals(.9 * 60 / 70 + .1 * 60 / 40, statistics.speedupSpread().p05(), 1e-12);
    assertEquals(60 / 40., statistics.speedupSpread().p50());
  }

  private static void addSampled(
      ReplayStatistics statistics, String id, int tokens, double... times) {
    statistics.add(
        id,
        tokens,
        9,
        new Expectation(tokens, 20, 20, null, times),
        new Cost(20, tokens, 0, times));
  }

  @Test
  void theIntervalHoldsTheEstimateAndNarrowsWithMorePrompts() {
    Interval few = intervalOf(10);
    Interval many = intervalOf(1000);
    assertTrue(many.high() - many.low() < (few.high() - few.low()) / 5, few + " " + many);
  }

  private static Interval intervalOf(int prompts) {
    SplittableRandom random = new SplittableRandom(1);
    ReplayStatistics statistics = new ReplayStatistics();
    for (int i = 0; i < prompts; i++) {
      add(statistics, "" + i, 100, 60, 0, 40, 80, random.nextDouble(30, 90));
    }
    Interval speedup = statistics.intervals().speedup();
    assertTrue(
        speedup.low() < statistics.speedup() && statistics.speedup() < speedup.high(),
        speedup + " around " + statistics.speedup());
    return speedup;
  }

  // 200 in 100 and 300 in 100: R = 2.5, residuals ∓50, √(2 · 5000)/200 = 1/2, of R a fifth; t with
  // 1
  // degree of freedom is tan(0.475 π). The ten samples of each prompt differ a lot among
  // themselves,
  // which must not show.
  @Test
  void theSamplesOfAPromptCountAsOne() {
    ReplayStatistics statistics = new ReplayStatistics();
    for (int sample = 0; sample < 10; sample++) {
      add(statistics, "slow", 20, 12, 0, 8, 16, sample % 2 == 0 ? 4 : 16);
    }
    for (int sample = 0; sample < 10; sample++) {
      add(statistics, "fast", 30, 6, 0, 4, 8, sample % 2 == 0 ? 4 : 16);
    }
    assertEquals(20, statistics.sequences());
    assertEquals(2, statistics.prompts());
    double reach = Math.exp(Math.tan(Math.PI * .475) / 5);
    assertEquals(2.5 / reach, statistics.intervals().speedup().low(), 1e-9);
    assertEquals(2.5 * reach, statistics.intervals().speedup().high(), 1e-9);
  }

  // 4 and 1 tokens a step, at the same speedup.
  @Test
  void tokensPerStepHaveAnIntervalOfTheirOwn() {
    ReplayStatistics statistics = new ReplayStatistics();
    add(statistics, "a", 100, 60, 0, 25, 80, 50);
    add(statistics, "b", 100, 60, 0, 100, 80, 50);
    Interval interval = statistics.intervals().tokensPerStep();
    assertEquals(1.6, Math.sqrt(interval.low() * interval.high()), 1e-12);
    assertTrue(interval.low() < 1 && interval.high() > 4);
    assertEquals(new Interval(2, 2), statistics.intervals().speedup());
  }

  @Test
  void onePromptHasNoInterval() {
    ReplayStatistics statistics = new ReplayStatistics();
    assertNull(statistics.intervals().speedup());
    add(statistics, "a", 100, 60, 0, 25, 80, 50);
    add(statistics, "a", 100, 60, 0, 30, 80, 70);
    assertNull(statistics.intervals().speedup());
    assertNull(statistics.intervals().tokensPerStep());
  }
}
