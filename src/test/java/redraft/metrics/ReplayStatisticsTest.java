package redraft.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import redraft.replay.Expectation;
import redraft.replay.Timelines;
import redraft.sampling.RandomStreams;

class ReplayStatisticsTest {
  /** A sequence whose baseline costs 1 a token. */
  private static Expectation expectation(int tokens, double steps, double drafted, double time) {
    return new Expectation(tokens, steps, drafted, null, time, tokens, null);
  }

  private static Interval interval(ReplayStatistics statistics, long seed) {
    return statistics.speedupInterval(new RandomStreams(seed).stream("bootstrap"));
  }

  // A: 10 tokens in 4 steps, time 5. B: 30 tokens in 20 steps, time 25.
  @Test
  void sumsComeBeforeRatios() {
    ReplayStatistics both = new ReplayStatistics();
    both.add("a", 10, 7, 1, expectation(10, 4, 12, 5));
    both.add("b", 30, 15, 5, expectation(30, 20, 40, 25));
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
    statistics.add("a", 10, 7, 1, expectation(10, 4, 12, 5));
    statistics.add("b", 10, Double.NaN, Double.NaN, expectation(10, 4, 12, 5));
    assertEquals(Double.NaN, statistics.overlap());
    assertEquals(Double.NaN, statistics.meanThroughputSpeedup());
    assertEquals(2, statistics.speedup());
  }

  @Test
  void histogramsOfDifferentLengthsAreAdded() {
    ReplayStatistics statistics = new ReplayStatistics();
    assertNull(statistics.acceptedCounts());
    statistics.add("a", 3, 2, 0, new Expectation(3, 2, 2, new double[] {1, 1}, 2, 3, null));
    statistics.add("b", 5, 4, 0, new Expectation(5, 2, 5, new double[] {1, 0, 0, 1}, 3, 5, null));
    statistics.add("c", 1, 1, 0, new Expectation(1, 1, 0, new double[] {1}, 1, 1, null));
    assertArrayEquals(new double[] {3, 1, 0, 1}, statistics.acceptedCounts());
  }

  // Run 1 takes 10 + 20, run 2 takes 20 + 20, run 3 takes 30 + 40; the baseline 60.
  @Test
  void aTimelineRunsThroughAllSequences() {
    ReplayStatistics statistics = new ReplayStatistics();
    assertNull(statistics.stepsSpread());
    assertNull(statistics.speedupSpread());
    statistics.add("a", 20, 9, 0, sampled(20, 10, 20, 30));
    statistics.add("b", 40, 9, 0, sampled(40, 20, 20, 40));
    Spread steps = statistics.stepsSpread();
    assertEquals(30, steps.p05());
    assertEquals(40, steps.p50());
    assertEquals(70, steps.p95());
    // Mean 140/3: squares 2500/9 + 400/9 + 4900/9, over 2.
    assertEquals(Math.sqrt(7800 / 9. / 2), steps.standardDeviation(), 1e-12);
    assertEquals(60 / 70., statistics.speedupSpread().p05());
    assertEquals(60 / 40., statistics.speedupSpread().p50());
  }

  private static Expectation sampled(int tokens, double... times) {
    return new Expectation(tokens, 20, 20, null, 20, tokens, new Timelines(times, times));
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
      statistics.add("" + i, 100, 60, 0, expectation(100, 40, 80, random.nextDouble(30, 90)));
    }
    Interval speedup = interval(statistics, 0);
    assertTrue(
        speedup.low() < statistics.speedup() && statistics.speedup() < speedup.high(),
        speedup + " around " + statistics.speedup());
    return speedup;
  }

  @Test
  void theSameSeedGivesTheSameInterval() {
    ReplayStatistics statistics = new ReplayStatistics();
    for (int i = 0; i < 30; i++) {
      statistics.add("" + i, 100, 60, 0, expectation(100, 40, 80, 40 + i * i % 31));
    }
    assertEquals(interval(statistics, 7), interval(statistics, 7));
    assertNotEquals(interval(statistics, 7), interval(statistics, 8));
  }

  // Two prompts, with speedups 2 and 4. A resample holds one of them twice or both; the ten samples
  // of each prompt differ a lot among themselves, which must not show.
  @Test
  void theSamplesOfAPromptAreDrawnTogether() {
    ReplayStatistics statistics = new ReplayStatistics();
    for (int sample = 0; sample < 10; sample++) {
      statistics.add("slow", 100, 60, 0, expectation(100, 40, 80, sample % 2 == 0 ? 20 : 80));
      statistics.add("fast", 100, 60, 0, expectation(100, 40, 80, sample % 2 == 0 ? 10 : 40));
    }
    assertEquals(20, statistics.sequences());
    assertEquals(new Interval(2, 4), interval(statistics, 0));
  }

  // 4 and 1 tokens a step, at the same speedup.
  @Test
  void tokensPerStepHaveAnIntervalOfTheirOwn() {
    ReplayStatistics statistics = new ReplayStatistics();
    statistics.add("a", 100, 60, 0, expectation(100, 25, 80, 50));
    statistics.add("b", 100, 60, 0, expectation(100, 100, 80, 50));
    Interval interval = statistics.tokensPerStepInterval(new RandomStreams(0).stream("bootstrap"));
    assertEquals(new Interval(1, 4), interval);
    assertEquals(new Interval(2, 2), interval(statistics, 0));
  }
}
