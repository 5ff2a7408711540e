package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import redraft.steps.StepShape;

class MeasuredStepsTest {
  private static PassTimes times(String model, double... ms) {
    List<PassTimes.Curve> curves =
        IntStream.range(0, ms.length)
            .mapToObj(
                i ->
                    new PassTimes.Curve(
                        i + 1,
                        new int[] {10},
                        new double[] {ms[i]},
                        new double[] {ms[i]},
                        new double[] {ms[i]}))
            .toList();
    return new PassTimes(model, curves, 100, false);
  }

  private static final MeasuredSteps COSTS =
      new MeasuredSteps(
          "here",
          times("large", 2, 2.5, 3.1),
          times("large", 2, 2.1, 2.2),
          times("small", 0.3),
          0.1);

  // 3.1 as it was measured, not 0.3 + 0.3 + 2.2
  @Test
  void aStepCostsWhatItTookAndNotWhatItsPassesAddUpTo() {
    assertEquals(3.1, COSTS.speculativeStep(1, 2, 50));
    assertEquals(2, COSTS.baselineStep(1, 50));
    assertEquals(0.1, COSTS.catchUp(1, 50));
  }

  @Test
  void aStepThatRunsNoDraftCostsItsTargetPass() {
    assertEquals(2.2, COSTS.step(1, StepShape.copy(2), 50));
  }

  @Test
  void anotherBatchIsRefused() {
    assertEquals(
        "steps of 'here' were measured for batch 1, not 2",
        assertThrows(IllegalArgumentException.class, () -> COSTS.baselineStep(2, 50)).getMessage());
  }
}
