package redraft.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsTest {
  // Ten steps that accept 26.8928 of 50 drafted tokens: independent acceptance .8 at K = 5.
  @Test
  void oneRunHasThreeNumbersForAcceptance() {
    assertEquals(3.68928, Metrics.tokensPerStep(10, 26.8928), 1e-12);
    assertEquals(.537856, Metrics.draftAcceptanceRate(50, 26.8928), 1e-12);
    // 1 + .8 + .64 + .512 + .4096 + .32768
    assertEquals(3.68928, Metrics.independentSpeedup(.8, 5, 0), 1e-12);
  }

  @Test
  void nothingDraftedHasNoAcceptanceRate() {
    assertEquals(Double.NaN, Metrics.draftAcceptanceRate(0, 0));
    assertEquals(1, Metrics.tokensPerStep(10, 0));
  }

  @Test
  void speedupIsBaselineTimeOverTime() {
    assertEquals(1.5, Metrics.speedup(30, 20));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, .1, .5, .8, .99, .999999})
  void theIndependentSpeedupIsTheoremThreePointEight(double alpha) {
    for (int draftLength = 1; draftLength <= 12; draftLength++) {
      for (double c : new double[] {0, .02, .1, 1}) {
        double formula =
            (1 - Math.pow(alpha, draftLength + 1)) / ((1 - alpha) * (draftLength * c + 1));
        assertEquals(formula, Metrics.independentSpeedup(alpha, draftLength, c), 1e-9 * formula);
      }
    }
  }

  // Every token accepted: K + 1 tokens for the price of Kc + 1.
  @Test
  void theIndependentSpeedupHoldsAtCertainAcceptance() {
    assertEquals(5, Metrics.independentSpeedup(1, 4, 0));
    assertEquals(5 / 1.4, Metrics.independentSpeedup(1, 4, .1), 1e-15);
  }
}
