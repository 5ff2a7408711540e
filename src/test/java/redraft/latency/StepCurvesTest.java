package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import redraft.steps.StepShape;

class StepCurvesTest {
  private static void assertEqual(IntToDoubleFunction function, int from, int to, int knots) {
    PiecewiseLinear found = PiecewiseLinear.of(function, from, to);
    assertEquals(knots, found.at().length);
    for (int x = from; x <= to; x++) {
      double value = function.applyAsDouble(x);
      assertEquals(value, found.value(x), 1e-11 * Math.abs(value) + 1e-300);
    }
  }

  @Test
  void aStraightLineIsTwoPoints() {
    assertEqual(x -> 3.7 + 0.0123 * x, 5, 4000, 2);
    assertEqual(x -> 0, 0, 100, 2);
  }

  @Test
  void aLineWithAKinkIsThreePoints() {
    PiecewiseLinear found = PiecewiseLinear.of(x -> Math.max(100, 10 + x), 0, 500); // kink at 90
    assertArrayEquals(new int[] {0, 90, 500}, found.at());
    assertArrayEquals(new double[] {100, 100, 510}, found.values());
    assertEqual(x -> Math.max(100.1, 10 + 0.9 * x), 0, 500, 4); // kink between two whole numbers
  }

  @Test
  void whatIsNotLinearIsATable() {
    Random random = new Random(1);
    double[] values = random.doubles(50).toArray();
    assertEqual(x -> values[x], 0, 49, 50);
    assertEqual(x -> x < 20 ? 1 : 2, 0, 49, 4); // a step
  }

  @Test
  void oneContextIsOnePoint() {
    assertEqual(x -> 4, 7, 7, 1);
    PiecewiseLinear one = PiecewiseLinear.of(x -> 4, 7, 7);
    assertThrows(IllegalArgumentException.class, () -> one.value(8));
  }

  @Test
  void stepCostsAreThoseOfTheModel() throws Exception {
    String name = "llama-3.1-8b-eagle3-h100";
    LatencyModel model = LatencyModels.load(name);
    StepCurves costs =
        StepCurves.of(
            model, 4, StepShape::chain, 10, new int[] {2000, 2000, 2000, 2000, 2000, 2000, 2000});
    assertEquals(7, costs.speculative().size());
    for (int context : new int[] {10, 11, 500, 2000}) {
      assertEquals(model.baselineStep(4, context), costs.baseline().value(context), 1e-11);
      assertEquals(model.catchUp(4, context), costs.catchUp().value(context), 1e-11);
      for (int k = 0; k <= 6; k++) {
        assertEquals(
            model.speculativeStep(4, k, context), costs.speculative().get(k).value(context), 1e-11);
      }
    }
  }
}
