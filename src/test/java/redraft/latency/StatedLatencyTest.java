package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.latency.StatedLatency.ByRows;
import redraft.latency.StatedLatency.Factor;
import redraft.steps.StepShape;

class StatedLatencyTest {
  private static final ByRows BY_ROWS = new ByRows(new TreeMap<>(Map.of(4, 10.0, 8, 12.0)));

  // two draft passes of 3, a verification of 1.5 · 20, and 2; a plain step holds its own overhead
  @Test
  void aStepIsItsPassesAndWhatSurroundsThemAndAPlainOneIsWhatWasMeasured() {
    StatedLatency stated = new StatedLatency(20, 3, new Factor(1.5, false), 2);
    assertEquals(6 + 30 + 2, stated.speculativeStep(1, 2, 100));
    assertEquals(20, stated.baselineStep(1, 100));
    assertEquals(0, stated.catchUp(1, 100));
    assertEquals(30 + 2, stated.step(1, StepShape.copy(4), 7));
    assertEquals(LatencyModel.Unit.MILLISECONDS, stated.unit());
  }

  // plain 7: a third and two thirds of the way to 10 at 4 rows, then half a millisecond a row
  @ParameterizedTest
  @CsvSource({"1, 7", "2, 8", "3, 9", "4, 10", "5, 10.5", "8, 12"})
  void verificationsAreLinearBetweenStatedRows(int rows, double ms) {
    assertEquals(ms, new StatedLatency(7, 1, BY_ROWS, 0).targetPass(1, rows, 0), 1e-12);
  }

  @Test
  void beyondTheStatedRowsNothingIsGuessed() {
    StatedLatency stated = new StatedLatency(7, 1, BY_ROWS, 0);
    assertEquals(
        "verifications are stated up to 8 rows, not for 9; state a longer one, or draft at most 7 tokens",
        assertThrows(IllegalArgumentException.class, () -> stated.speculativeStep(1, 8, 0))
            .getMessage());
  }

  @Test
  void onlyAnAssumedVerificationIsWarnedOf() {
    assertEquals(1, new StatedLatency(7, 1, new Factor(1, true), 0).caveats().size());
    assertEquals(List.of(), new StatedLatency(7, 1, new Factor(1, false), 0).caveats());
    assertEquals(List.of(), new StatedLatency(7, 1, BY_ROWS, 0).caveats());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|1|1|0|plain step of 0.0 ms must be a number above 0",
        "NaN|1|1|0|plain step of NaN ms must be a number above 0",
        "1|-1|1|0|draft pass of -1.0 ms must be a number of at least 0",
        "1|1|0|0|verification factor 0.0 must be a number above 0",
        "1|1|1|-2|overhead of -2.0 ms must be a number of at least 0"
      })
  void timesThatCannotBeAreRefused(
      double plain, double draft, double factor, double overhead, String message) {
    assertEquals(
        message,
        assertThrows(
                IllegalArgumentException.class,
                () -> new StatedLatency(plain, draft, new Factor(factor, false), overhead))
            .getMessage());
  }

  @Test
  void onlyOneSequenceAtATimeHasACost() {
    StatedLatency stated = new StatedLatency(7, 1, BY_ROWS, 0);
    String message =
        assertThrows(IllegalArgumentException.class, () -> new Deployment(stated, 2, null, 0))
            .getMessage();
    assertTrue(message.contains("'stated-times', stated for batch 1 only"), message);
  }
}
