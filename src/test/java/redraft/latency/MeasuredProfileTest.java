package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.latency.MeasuredProfile.Surroundings;
import redraft.latency.PassTimes.Curve;
import redraft.steps.StepShape;

class MeasuredProfileTest {
  private static Curve curve(int rows, int[] contexts, double... ms) {
    return new Curve(rows, contexts, ms, ms, ms);
  }

  private static final int[] CONTEXTS = {1, 101};

  // Contexts add a hundredth of a millisecond a token; rows of the target were measured for 1 and
  // 3.
  private static final MeasuredProfile LAPTOP =
      new MeasuredProfile(
          "laptop",
          new PassTimes(
              "big", List.of(curve(1, CONTEXTS, 8, 9), curve(3, CONTEXTS, 10, 11)), 120, false),
          new PassTimes(
              "small", List.of(curve(1, CONTEXTS, 1, 1), curve(2, CONTEXTS, 4, 4)), 120, false),
          new PassTimes(
              "small", List.of(curve(1, CONTEXTS, 2, 2), curve(2, CONTEXTS, 2.5, 2.5)), 120, false),
          new Surroundings(.1, .01, .2, .3, .4),
          new Surroundings(.5, .02, .6, .7, .8),
          0);

  @ParameterizedTest
  @CsvSource({
    "1, 1, 8",
    "1, 51, 8.5",
    "1, 101, 9",
    "1, 0, 8",
    "3, 51, 10.5",
    "2, 51, 9.5",
    "1, 111, 9.1"
  })
  void betweenMeasurementsTimesAreInterpolated(int rows, int context, double ms) {
    assertEquals(ms, LAPTOP.target().at(rows, context), 1e-12);
  }

  // A draft pass after a target pass, another after it, three rows of the target, the surroundings.
  @Test
  void aStepIsTheSumOfItsPasses() {
    assertEquals(
        (2 + .2) + (1 + .2) + (10 + 3 * .1) + .3 + .4, LAPTOP.speculativeStep(1, 2, 1), 1e-12);
    assertEquals(8 + .1 + .01, LAPTOP.baselineStep(1, 1), 1e-12);
    assertEquals(8 + .1 + .7, LAPTOP.speculativeStep(1, 0, 1), 1e-12);
    assertEquals(2.5 - 2, LAPTOP.catchUp(1, 1), 1e-12);
  }

  // One pass of two rows after the target's, two draws from it.
  @Test
  void headsDraftABlockInOnePass() {
    assertEquals(
        (2.5 + 2 * .2) + (10 + 3 * .1) + .3 + .4, LAPTOP.step(1, StepShape.parallel(2), 1), 1e-12);
    assertEquals(8 + .1 + .7, LAPTOP.step(1, StepShape.parallel(0), 1), 1e-12);
  }

  // Of three rows nothing was measured after a target pass: two have what that adds, 2.5 − 4 ms.
  @Test
  void headsOfManyTokensFollowTheTargetAsTwoRowsDo() {
    MeasuredProfile longer =
        new MeasuredProfile(
            "laptop",
            new PassTimes(
                "big", List.of(curve(1, CONTEXTS, 8, 9), curve(4, CONTEXTS, 11, 12)), 120, false),
            new PassTimes(
                "small",
                List.of(
                    curve(1, CONTEXTS, 1, 1), curve(2, CONTEXTS, 4, 4), curve(3, CONTEXTS, 6, 6)),
                120,
                false),
            LAPTOP.draftAfterTarget(),
            LAPTOP.greedy(),
            LAPTOP.sampled(),
            0);
    assertEquals(
        (6 + 2.5 - 4 + 3 * .2) + (11 + 4 * .1) + .3 + .4,
        longer.step(1, StepShape.parallel(3), 1),
        1e-12);
  }

  @Test
  void sampledTextPaysForItsDistributions() {
    LatencyModel sampled = LAPTOP.atTemperature(.7);
    assertEquals(8 + .5 + .02, sampled.baselineStep(1, 1), 1e-12);
    assertEquals(
        (2 + .6) + (1 + .6) + (10 + 3 * .5) + .7 + .8, sampled.speculativeStep(1, 2, 1), 1e-12);
  }

  @Test
  void whatWasNotMeasuredIsRefused() {
    assertEquals(
        "the passes of 'big' were measured for 1 to 3 rows, not for 4; measure more (profile --rows), or draft less",
        message(() -> LAPTOP.targetPass(1, 4, 1)));
    assertEquals(
        "the passes of 'big' were measured up to 120 tokens of context, not for 121; measure longer ones"
            + " (profile --max-context)",
        message(() -> LAPTOP.targetPass(1, 1, 121)));
    assertEquals(
        "profile 'laptop' was measured for batch 1, not 2",
        message(() -> LAPTOP.targetPass(2, 1, 1)));
  }

  private static String message(Runnable run) {
    return assertThrows(IllegalArgumentException.class, run::run).getMessage();
  }

  @Test
  void whatIsWrittenIsReadAgain(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("deep/laptop.json");
    ProfileFiles.write(file, LAPTOP, "a test", "2026-01-01");
    LatencyModel read = LatencyModels.load(file.toString());
    assertEquals("laptop", read.name());
    assertEquals("big", read.targetModel());
    assertEquals("small", read.draftModel());
    for (double temperature : new double[] {0, 1}) {
      for (int context : new int[] {1, 60, 118}) {
        LatencyModel expected = LAPTOP.atTemperature(temperature);
        LatencyModel actual = read.atTemperature(temperature);
        assertEquals(expected.baselineStep(1, context), actual.baselineStep(1, context));
        assertEquals(
            expected.speculativeStep(1, 2, context), actual.speculativeStep(1, 2, context));
        assertEquals(expected.catchUp(1, context), actual.catchUp(1, context));
      }
    }
  }

  @Test
  void mistakesInAProfileAreSaidAtOnce(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("wrong.json");
    ProfileFiles.write(file, LAPTOP, "a test", "2026-01-01");
    Files.writeString(
        file,
        Files.readString(file)
            .replaceFirst("\"rows\" : 1,", "\"rows\" : 2,")
            .replaceFirst("1, 101", "101, 1")
            .replaceFirst("\"verifyMs\" : 0.3", "\"verifyMs\" : -1"));
    assertEquals(
        file
            + ": \"target.passes[0].contexts\" is [101,1], not ascending; \"target.passes\" is "
            + passes(file).substring(0, 80)
            + "…, without one of 1 row; \"greedy.verifyMs\" is -1, not a number from 0 to 1000000000",
        message(
            () -> {
              try {
                LatencyModels.load(file.toString());
              } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            }));
  }

  private static String passes(Path file) throws Exception {
    return new com.fasterxml.jackson.databind.ObjectMapper()
        .readTree(file.toFile())
        .at("/target/passes")
        .toString();
  }
}
