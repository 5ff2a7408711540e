package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import redraft.steps.StepShape;

/** Passes over sequences that decode and prompts that are read. */
class MixedPassTest {
  private static List<LatencyModel> models() throws IOException {
    List<LatencyModel> models = new ArrayList<>();
    models.add(LatencyModels.load("llama-3.1-8b-eagle3-h100"));
    for (String pair :
        List.of(
            "llama-3.1-70b+llama-3.2-1b@h100x4",
            "llama-3.1-8b+eagle3-llama-3.1-8b@h100",
            "mixtral-8x7b+llama-3.2-1b@h100x2")) {
      RooflineLatency roofline = (RooflineLatency) LatencyModels.load(pair);
      models.add(roofline);
      models.add(new EngineLatency(roofline, Engines.REGISTRY.named("vllm")));
    }
    return models;
  }

  @TestFactory
  List<DynamicTest> sequencesThatDecodeAlikeCostWhatTheyDoInStepsOfOneShape() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (LatencyModel model : models()) {
      for (int batch : new int[] {1, 7, 64}) {
        for (int drafted : new int[] {0, 1, 5}) {
          tests.add(
              DynamicTest.dynamicTest(
                  model.name() + " " + model.targetModel() + " " + batch + " " + drafted,
                  () -> {
                    Load load = Load.decoding(batch, drafted + 1, 999);
                    double pass = model.targetPass(batch, drafted + 1, 999);
                    assertEquals(pass, model.mixedPass(load), 1e-12 * pass);
                    StepShape shape = drafted == 0 ? StepShape.PLAIN : StepShape.copy(drafted);
                    double step = model.step(batch, shape, 999);
                    assertEquals(step, model.mixedStep(load, drafted > 0), 1e-12 * step);
                  }));
        }
      }
    }
    return tests;
  }

  @Test
  void aPromptThatIsReadBesideCostsItsRowsCacheAndPairs() throws IOException {
    for (LatencyModel model : models()) {
      Load alone = Load.decoding(8, 1, 500);
      Load mixed = new Load(8, 8, 4000, 1, 1000, 0, 500_500, 9);
      Load later = new Load(8, 8, 4000, 1, 1000, 3000, 3_500_500, 9);
      assertTrue(model.mixedPass(alone) < model.mixedPass(mixed), model.name());
      assertTrue(model.mixedPass(mixed) < model.mixedPass(later), model.name());
      assertTrue(model.draftMixedPass(alone) < model.draftMixedPass(mixed), model.name());
    }
  }

  /** 80 GB, nine tenths of them; 8.03 billion weights of 2 bytes; 128 KiB a token. */
  @Test
  void theMemoryBesideTheWeightsHoldsKeysAndValues() throws IOException {
    LatencyModel model = LatencyModels.load("llama-3.1-8b+llama-3.2-1b@h100");
    assertEquals((0.9 * 80e9 - 16.06e9) / 131072, model.kvTokens(0.9, false), 100);
    assertTrue(model.kvTokens(0.9, true) < model.kvTokens(0.9, false));
    assertEquals(0, LatencyModels.load("llama-3.1-70b+llama-3.2-1b@h100").kvTokens(0.9, true));
  }
}
