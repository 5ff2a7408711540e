package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class StepPricesTest {
  @Test
  void everyPriceIsTheModelsOwn() throws Exception {
    LatencyModel model = LatencyModels.load("llama-3.1-8b+llama-3.2-1b@h100");
    for (Integer prompt : new Integer[] {null, 3000}) {
      StepPrices prices = new StepPrices(model, new Deployment(model, 7, prompt, Double.NaN));
      for (int twice = 0; twice < 2; twice++) {
        for (int context : new int[] {0, 1, 2998, 2999, 4095, 4096, 10_000}) {
          assertEquals(model.baselineStep(7, context), prices.baselineStep(context));
          assertEquals(model.catchUp(7, context), prices.catchUp(context));
          for (int length : new int[] {0, 1, 63, 64, 900}) {
            assertEquals(
                model.speculativeStep(7, length, context), prices.speculativeStep(length, context));
          }
        }
      }
    }
  }
}
