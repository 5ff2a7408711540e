package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConstantRatioTest {
  @ParameterizedTest
  @ValueSource(doubles = {-.1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void theRatioIsANumberOfAtLeastZero(double ratio) {
    var e = assertThrows(IllegalArgumentException.class, () -> new ConstantRatio(ratio));
    assertEquals("cost ratio " + ratio + " must be a number of at least 0", e.getMessage());
  }

  @Test
  void aStepCostsADraftPassForEachTokenAndOneTargetPass() {
    LatencyModel latency = new ConstantRatio(.125);
    for (int draftLength = 0; draftLength <= 8; draftLength++) {
      assertEquals(draftLength * .125 + 1, latency.speculativeStep(1, draftLength, 100));
    }
    assertEquals(1, latency.baselineStep(1, 100));
    assertEquals(LatencyModel.Unit.TARGET_PASSES, latency.unit());
    assertEquals("cost-ratio-0.125", latency.name());
  }

  @Test
  void neitherBatchNorContextNorRowsMatter() {
    LatencyModel latency = new ConstantRatio(.125);
    assertEquals(latency.speculativeStep(1, 4, 0), latency.speculativeStep(64, 4, 9000));
    assertEquals(latency.baselineStep(1, 0), latency.baselineStep(64, 9000));
    assertEquals(0, latency.catchUp(1, 100));
  }
}
