package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeasuredPassesTest {
  private static final LatencyModel LAPTOP =
      new MeasuredPasses("laptop", new double[] {8, 9, 11}, new double[] {1, 1.5}, .25);

  // Two draft passes, a target pass over three rows, the overhead.
  @Test
  void aStepIsTheSumOfItsPasses() {
    assertEquals(1 + 1 + 11 + .25, LAPTOP.speculativeStep(1, 2, 100));
    assertEquals(8 + .25, LAPTOP.speculativeStep(1, 0, 100));
    assertEquals(8, LAPTOP.baselineStep(1, 100));
    assertEquals(LatencyModel.Unit.MILLISECONDS, LAPTOP.unit());
  }

  @Test
  void catchingUpCostsASecondRowOfTheDraft() {
    assertEquals(.5, LAPTOP.catchUp(1, 100));
  }

  @ParameterizedTest
  @CsvSource({"1, 4", "1, 0", "2, 1"})
  void whatWasNotMeasuredIsRefused(int batch, int rows) {
    var e = assertThrows(IllegalArgumentException.class, () -> LAPTOP.targetPass(batch, rows, 100));
    assertEquals(
        "profile 'laptop' was measured for batch 1 and 1 to 3 target rows, not batch "
            + batch
            + " and "
            + rows
            + " rows",
        e.getMessage());
  }

  @Test
  void theDraftHasItsOwnRows() {
    var e = assertThrows(IllegalArgumentException.class, () -> LAPTOP.draftPass(1, 3, 100));
    assertEquals(
        "profile 'laptop' was measured for batch 1 and 1 to 2 draft rows, not batch 1 and 3 rows",
        e.getMessage());
  }
}
