package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import redraft.hardware.HardwareCatalogue;
import redraft.hardware.Precision;
import redraft.hardware.SourcedNumber;
import redraft.steps.StepShape;

class EngineLatencyTest {
  private static final double EXACTLY = 1e-12;

  private static Engine engine(Map<EngineCost, Double> costs) {
    Map<EngineCost, Engine.Cost> all = new EnumMap<>(EngineCost.class);
    costs.forEach(
        (cost, value) ->
            all.put(
                cost,
                new Engine.Cost(value, new SourcedNumber(value, "made up", "2026", "derived"), 1)));
    return new Engine(
        "toy",
        "toy",
        "token",
        null,
        all,
        new CostError(.1, .2, 9, 3),
        new CostError(.3, .4, 9, 3),
        new Engine.Source("s", "d", "c"));
  }

  private static EngineLatency latency(
      String draft, Precision precision, int devices, Map<EngineCost, Double> costs)
      throws IOException {
    return new EngineLatency(
        new RooflineLatency(
            HardwareCatalogue.devices("h100-sxm").hardware(),
            HardwareCatalogue.model("llama-3.1-8b"),
            HardwareCatalogue.model(draft),
            precision,
            devices),
        engine(costs));
  }

  // 32 and 16 layers of a millisecond are more than the 6 and 1 ms that the weights take to read.
  @Test
  void aPassTakesAtLeastWhatItsLayersTakeToLaunch() throws IOException {
    EngineLatency eager =
        latency("llama-3.2-1b", Precision.BF16, 1, Map.of(EngineCost.LAYER_MS, 1.0));
    assertEquals(32, eager.targetPass(1, 1, 100), EXACTLY);
    assertEquals(32, eager.targetPass(1, 5, 100), EXACTLY);
    assertEquals(16, eager.draftPass(1, 1, 100), EXACTLY);
    assertEquals(3 * 16 + 32, eager.speculativeStep(1, 3, 100), EXACTLY);
    assertEquals(0, eager.catchUp(1, 100), EXACTLY);
    double large = eager.targetPass(1, 4096, 0);
    assertEquals(eager.roofline().targetPass(1, 4096, 0), large, EXACTLY);
    assertTrue(large > 32);
  }

  @Test
  void aFloorOfTheDraftAloneLeavesTheTargetOnTheRoofline() throws IOException {
    EngineLatency graphs =
        latency(
            "llama-3.2-1b",
            Precision.BF16,
            2,
            Map.of(EngineCost.DRAFT_LAYER_MS, .5, EngineCost.SPLIT_LAYER_MS, .25));
    assertEquals(16 * .75, graphs.draftPass(1, 1, 100), EXACTLY);
    assertEquals(graphs.roofline().targetPass(1, 1, 100), graphs.targetPass(1, 1, 100), EXACTLY);
    EngineLatency whole =
        latency(
            "llama-3.2-1b",
            Precision.BF16,
            1,
            Map.of(EngineCost.DRAFT_LAYER_MS, .5, EngineCost.SPLIT_LAYER_MS, .25));
    assertEquals(16 * .5, whole.draftPass(1, 1, 100), EXACTLY);
  }

  // Batch 8 has doubled three times.
  @Test
  void passesStepsAndRowsAddWhatTheEngineTakes() throws IOException {
    EngineLatency served =
        latency(
            "llama-3.2-1b",
            Precision.BF16,
            1,
            Map.of(
                EngineCost.DRAFT_PASS_MS, 1.0,
                EngineCost.DRAFT_PASS_DOUBLING_MS, 2.0,
                EngineCost.STEP_MS, 4.0,
                EngineCost.SPECULATION_MS, 8.0,
                EngineCost.SAMPLED_ROW_MS, 16.0));
    RooflineLatency bound = served.roofline();
    assertEquals(bound.baselineStep(8, 100) + 4 + 8 * 16, served.baselineStep(8, 100), 1e-9);
    // Two draft passes of 1 + 2 · 3 and 8 sampled rows each, 3 target rows of 8 sequences.
    assertEquals(
        bound.speculativeStep(8, 2, 100) + 2 * (1 + 6 + 8 * 16) + 4 + 8 + 3 * 8 * 16,
        served.speculativeStep(8, 2, 100),
        1e-9);
    // A look-up drafts without a pass.
    assertEquals(
        bound.step(1, StepShape.copy(2), 100) + 4 + 8 + 3 * 16,
        served.step(1, StepShape.copy(2), 100),
        1e-9);
  }

  // A part of .1 for each row from the second to the eighth: 1.4 at five, 1.7 from eight on.
  @Test
  void kernelsForFewRowsReadTheWeightsAgain() throws IOException {
    Map<EngineCost, Double> costs =
        Map.of(EngineCost.ROW_PART, .1, EngineCost.QUANTISED_ROW_PART, .4);
    EngineLatency whole = latency("llama-3.2-1b", Precision.BF16, 1, costs);
    RooflineLatency bound = whole.roofline();
    assertEquals(bound.targetPass(1, 1, 9), whole.targetPass(1, 1, 9), EXACTLY);
    assertEquals(1.4 * bound.targetPass(1, 5, 9), whole.targetPass(1, 5, 9), 1e-9);
    assertEquals(1.7 * bound.targetPass(1, 12, 9), whole.targetPass(1, 12, 9), 1e-9);
    assertEquals(1.7 * bound.targetPass(8, 1, 9), whole.targetPass(8, 1, 9), 1e-9);
    EngineLatency four = latency("llama-3.2-1b", Precision.INT4, 1, costs);
    assertEquals(1.4 * four.roofline().targetPass(1, 2, 9), four.targetPass(1, 2, 9), 1e-9);
    EngineLatency eight = latency("llama-3.2-1b", Precision.INT8, 1, costs);
    assertEquals(1.2 * eight.roofline().targetPass(1, 2, 9), eight.targetPass(1, 2, 9), 1e-9);
  }

  @Test
  void headsHaveAnErrorOfTheirOwn() throws IOException {
    Map<EngineCost, Double> none = Map.of(EngineCost.STEP_MS, 1.0);
    assertEquals(.2, latency("llama-3.2-1b", Precision.BF16, 1, none).costError().spread());
    assertEquals(.4, latency("eagle3-llama-3.1-8b", Precision.BF16, 1, none).costError().spread());
  }

  @Test
  void everyEngineNamesItsRuleAndHasFewCosts() {
    for (Engine engine : Engines.REGISTRY.all()) {
      assertTrue(engine.costs().size() <= EngineCost.MOST, engine.name());
      assertEquals(engine.ideal(), engine.rule() == null, engine.name());
      if (engine.like() != null) {
        assertEquals(Engines.REGISTRY.named(engine.like()).costs(), engine.costs());
      }
    }
    assertEquals(
        List.of("token", "greedy-draft", "greedy-draft"),
        List.of("hf", "vllm", "llama.cpp-cuda").stream()
            .map(name -> Engines.REGISTRY.named(name).rule())
            .toList());
  }

  @Test
  void theRooflineAloneIsABoundAndSaysSo() throws IOException {
    RooflineLatency bound = latency("llama-3.2-1b", Precision.BF16, 1, Map.of()).roofline();
    assertEquals("ideal", bound.engineName());
    assertTrue(bound.costError().bias() > .3, "published runs stay below it");
    assertTrue(bound.caveats().get(0).contains("bound"), bound.caveats().toString());
  }
}
