package redraft.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.latency.ConstantRatio;
import redraft.latency.LatencyModel;
import redraft.latency.LinearLatency;

class BreakEvenTest {
  // Corollary 3.9 of Leviathan et al. 2023: speculation pays for some K exactly where α > c.
  @Test
  void underAConstantRatioTheLeastAcceptanceIsTheRatio() {
    for (double c : new double[] {0, .02, .3, .9}) {
      assertEquals(c, BreakEven.acceptance(new ConstantRatio(c), 1, 0, List.of(1, 2, 5)), 1e-12);
    }
  }

  // A verification of two rows costs 1.5 passes and a draft pass 0.2, so α must be 0.7.
  @Test
  void dearerVerificationAsksForMore() {
    LatencyModel model =
        new LinearLatency(
            "m", new LinearLatency.Price(1, 1, 0), new LinearLatency.Price(.4, 0, 0), false, 0);
    assertEquals(.7, BreakEven.acceptance(model, 1, 0, List.of(1)), 1e-12);
    assertTrue(Double.isNaN(BreakEven.acceptance(new ConstantRatio(1.01), 1, 0, List.of(1, 2, 3))));
  }

  @Test
  void theAcceptanceBehindASpeedupGivesItBack() {
    double alpha = BreakEven.acceptance(1.92, new ConstantRatio(.1277), 1, 0, 4);
    assertEquals(1.92, Metrics.independentSpeedup(alpha, 4, .1277), 1e-12);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 64, 65, 100, 777, 1000})
  void theBatchIsFoundToTheUnit(int last) {
    List<Integer> asked = new ArrayList<>();
    Function<List<Integer>, java.util.Map<Integer, Double>> speedups =
        batches -> {
          asked.addAll(batches);
          return batches.stream()
              .collect(Collectors.toMap(b -> b, b -> b >= last ? 1.0 : 1.0 + 1.0 / b));
        };
    assertEquals(last, BreakEven.batch(1000, speedups));
    assertTrue(asked.size() < 60, asked.size() + " batches replayed");
    assertNull(BreakEven.batch(last - 1, speedups));
  }
}
