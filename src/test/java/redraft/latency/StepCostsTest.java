package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import redraft.steps.StepLog;
import redraft.steps.StepShape;

class StepCostsTest {
  @Test
  void everyCostIsTheModelsOwn() throws Exception {
    LatencyModel model = LatencyModels.load("llama-3.1-8b+llama-3.2-1b@h100");
    for (Integer prompt : new Integer[] {null, 3000}) {
      StepCosts costs = new StepCosts(new Deployment(model, 7, prompt, Double.NaN), 1);
      for (int twice = 0; twice < 2; twice++) {
        for (int position : new int[] {0, 1, 2998, 4096, 10_000}) {
          int context = (prompt == null ? 5 : prompt) + 2 - 1 + position;
          assertEquals(model.baselineStep(7, context), cost(costs, StepShape.PLAIN, position));
          assertEquals(model.catchUp(7, context), cost(costs, null, position));
          for (int length : new int[] {0, 1, 63, 64, 900}) {
            assertEquals(
                model.speculativeStep(7, length, context),
                cost(costs, StepShape.chain(length), position));
            assertEquals(
                model.step(7, StepShape.copy(length), context),
                cost(costs, StepShape.copy(length), position));
          }
        }
      }
    }
  }

  /** After a prompt of 5 tokens, of which the prefill wrote 2 more. */
  private static double cost(StepCosts costs, StepShape shape, int position) {
    StepLog log = new StepLog(1);
    if (shape == null) {
      log.catchUp(position, 1);
    } else {
      log.passes(shape, position, 1);
    }
    return log.costs(costs.of(5, 2))[0];
  }
}
