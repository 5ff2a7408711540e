package redraft.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.latency.ConstantRatio;
import redraft.latency.LatencyModel;
import redraft.latency.LinearLatency;
import redraft.steps.StepShape;

class BreakEvenTest {
  // Corollary 3.9 of Leviathan et al. 2023: speculation pays for some K exactly where α > c.
  @Test
  void underAConstantRatioTheLeastAcceptanceIsTheRatio() {
    for (double c : new double[] {0, .02, .3, .9}) {
      assertEquals(
          c,
          BreakEven.acceptance(new ConstantRatio(c), StepShape::chain, 1, 0, List.of(1, 2, 5)),
          1e-12);
    }
  }

  // A verification of two rows costs 1.5 passes and a draft pass 0.2, so α must be 0.7.
  @Test
  void dearerVerificationAsksForMore() {
    LatencyModel model =
        new LinearLatency(
            "m",
            new LinearLatency.PassCost(1, 1, 0),
            new LinearLatency.PassCost(.4, 0, 0),
            false,
            0,
            null);
    assertEquals(.7, BreakEven.acceptance(model, StepShape::chain, 1, 0, List.of(1)), 1e-12);
    assertTrue(
        Double.isNaN(
            BreakEven.acceptance(
                new ConstantRatio(1.01), StepShape::chain, 1, 0, List.of(1, 2, 3))));
  }

  // A copy costs no draft pass, and under a constant ratio its verification costs nothing either.
  @Test
  void aDraftThatCostsNothingAlwaysPaysUnderAConstantRatio() {
    assertEquals(
        0,
        BreakEven.acceptance(new ConstantRatio(.5), StepShape::copy, 1, 0, List.of(1, 5)),
        1e-12);
  }

  @Test
  void theAcceptanceBehindASpeedupGivesItBack() {
    double alpha = BreakEven.acceptance(1.92, new ConstantRatio(.1277), StepShape.chain(4), 1, 0);
    assertEquals(1.92, Metrics.independentSpeedup(alpha, 4, .1277), 1e-12);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 64, 65, 100, 777, 1000})
  void theBatchIsFoundToTheUnit(int last) {
    List<Integer> asked = new ArrayList<>();
    IntToDoubleFunction speedups =
        batch -> {
          asked.add(batch);
          return batch >= last ? 1.0 : 1.0 + 1.0 / batch;
        };
    assertEquals(last, BreakEven.batch(1000, speedups));
    assertTrue(asked.size() < 60, asked.size() + " batches replayed");
    assertNull(BreakEven.batch(last - 1, speedups));
  }
}
