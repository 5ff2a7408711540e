package redraft.synthetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.latency.ConstantRatio;
import redraft.metrics.Metrics;
import redraft.policy.FixedLength;
import redraft.replay.Costed;
import redraft.replay.ReplaySequence;

/** The laws of the schedules, by hand. */
class ScheduleTest {
  private static Costed replay(Schedule schedule, int draftLength, int tokens) {
    ReplaySequence course =
        new ReplaySequence("x", new PresetLaw(tokens, schedule.survival(tokens)), 1, true);
    return Costed.exact(new FixedLength(draftLength), new ConstantRatio(0.1), 1, true, course);
  }

  /** Mean accepted tokens of a whole block: S_1 + … + S_K. */
  private static double meanAccepted(Schedule schedule, int draftLength) {
    return Arrays.stream(schedule.survival(draftLength)).sum() - 1;
  }

  @Test
  void aConstantScheduleDecaysByPowers() {
    assertArrayEquals(
        new double[] {1, 0.5, 0.25, 0.125}, new Schedule.Constant(0.5).survival(3), 1e-15);
  }

  // 1 + .8 + .64 + .512 + .4096 + .32768
  @Test
  void independentAcceptanceOfFourFifthsEmitsThreeAndTwoThirdsTokensAStepFarFromTheEnd() {
    Schedule schedule = new Schedule.Constant(0.8);
    assertEquals(3.68928, 1 + meanAccepted(schedule, 5), 1e-12);
    // Between two texts of different length the ends cancel out.
    double steps = replay(schedule, 5, 2000).steps() - replay(schedule, 5, 1000).steps();
    assertEquals(3.68928, 1000 / steps, 1e-9);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8})
  void theFormulaIsTheConstantScheduleOnATextWithoutEnd(int draftLength) {
    Costed shorter = replay(new Schedule.Constant(0.8), draftLength, 1000);
    Costed longer = replay(new Schedule.Constant(0.8), draftLength, 2000);
    double speedup =
        (longer.baselineTime() - shorter.baselineTime()) / (longer.time() - shorter.time());
    assertEquals(Metrics.independentSpeedup(0.8, draftLength, 0.1), speedup, 1e-9);
  }

  // .8, .8 · .4, .8 · .4 · .2
  @Test
  void aGeometricScheduleDecaysWithinTheBlock() {
    assertArrayEquals(
        new double[] {1, 0.8, 0.32, 0.064}, new Schedule.Geometric(0.8, 0.5).survival(3), 1e-15);
  }

  @Test
  void theLastProbabilityByPositionIsRepeated() {
    assertArrayEquals(
        new double[] {1, 0.9, 0.45, 0.225, 0.1125},
        new Schedule.PerPosition(List.of(0.9, 0.5)).survival(4),
        1e-15);
  }

  @ParameterizedTest
  @CsvSource({
    "2.6, 1, 0.6, 0", //
    "1, 0, 0, 0",
    "2, 1, 0, 0",
    "3.5, 1, 1, 0.5",
    "4, 1, 1, 1"
  })
  void theLeastVarianceFillsPlacesFromTheFront(double length, double s1, double s2, double s3) {
    double[] survival = new Schedule.MinimumVariance(length).survival(3);
    assertArrayEquals(new double[] {1, s1, s2, s3}, survival, 1e-15);
  }

  @Test
  void theLeastVarianceTakesTheTwoCountsAroundItsMeanOnly() {
    Costed shorter = replay(new Schedule.MinimumVariance(2.6), 5, 1000);
    Costed longer = replay(new Schedule.MinimumVariance(2.6), 5, 2000);
    double steps = longer.steps() - shorter.steps();
    assertEquals(1000 / 2.6, steps, 1e-6);
    // Beyond the ends no step accepts 0 tokens, or 3 and more.
    double[] counts = new double[6];
    for (int j = 0; j < longer.acceptedCounts().length; j++) {
      counts[j] = (longer.acceptedCounts()[j] - shorter.acceptedCounts()[j]) / steps;
    }
    assertArrayEquals(new double[] {0, 0.4, 0.6, 0, 0, 0}, counts, 1e-6);
  }

  // p + p² + p³ + p⁴ = 2.4 at p = .80581, as llama.cpp tests its own
  @Test
  void aConstantConditionalScheduleMeetsItsMeanAtItsDraftLength() {
    Schedule schedule = new Schedule.ConstantConditional(3.4, 4);
    assertEquals(0.80581, schedule.acceptance(1), 1e-5);
    assertEquals(0.64933, schedule.survival(4)[2], 1e-5);
    assertEquals(2.4, meanAccepted(schedule, 4), 1e-12);
    assertTrue(meanAccepted(schedule, 8) > 3, "keeps its probability where more is drafted");
  }

  @Test
  void aConstantConditionalScheduleMayAcceptNothingOrAll() {
    assertEquals(0, new Schedule.ConstantConditional(1, 4).acceptance(1), 1e-15);
    assertEquals(1, new Schedule.ConstantConditional(5, 4).acceptance(1), 1e-15);
  }
}
