package redraft.steps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepTest {
  @Test
  void aStepEmitsWhatItAcceptedAndOneMore() {
    assertEquals(1, new Step(0, 4, 0).emittedCount());
    assertEquals(5, new Step(7, 4, 4).emittedCount());
    assertEquals(1, new Step(7, 0, 0).emittedCount());
  }

  @ParameterizedTest
  @CsvSource({"0, 4, 5", "0, 4, -1", "-1, 4, 2"})
  void anImpossibleStepIsRefused(int position, int draftLength, int accepted) {
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> new Step(position, draftLength, accepted));
    assertEquals(
        "accepted " + accepted + " of " + draftLength + " drafted tokens at position " + position,
        e.getMessage());
  }
}
