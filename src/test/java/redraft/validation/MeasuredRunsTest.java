package redraft.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.latency.CostError;
import redraft.latency.Engine;
import redraft.latency.EngineCost;
import redraft.latency.Engines;

class MeasuredRunsTest {
  private static final MeasuredRuns SHIPPED = shipped();
  private static final List<RunPrediction> PREDICTIONS = SHIPPED.predictions();

  /** Below this many runs an engine's error is taken from all engines. */
  private static final int FEW = 5;

  @TempDir Path folder;

  private static MeasuredRuns shipped() {
    try {
      return MeasuredRuns.shipped();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<RunPrediction> fitted(String... engines) {
    return PREDICTIONS.stream()
        .filter(RunPrediction::held)
        .filter(each -> List.of(engines).contains(each.run().setup().engine()));
  }

  private static double meanError(Stream<RunPrediction> runs) {
    return runs.mapToDouble(each -> Math.abs(each.error())).average().orElseThrow();
  }

  private static Predicate<RunPrediction> batch(boolean one) {
    return each -> (each.run().load().batch() == 1) == one;
  }

  @Test
  void theCostsOfEveryEngineAreWhatTheFitGives() {
    for (Engine engine : Engines.REGISTRY.all()) {
      Engine fit = SHIPPED.fit(engine.name());
      for (EngineCost cost : engine.costs().keySet()) {
        assertEquals(
            fit.cost(cost), engine.cost(cost), 1e-3 * fit.cost(cost), engine.name() + " " + cost);
      }
    }
  }

  @Test
  void theErrorsOfEveryEngineAreThoseOfItsPredictions() {
    for (Engine engine : Engines.REGISTRY.all()) {
      same(SHIPPED.error(engine.name(), false), engine.error(), engine.name());
      same(SHIPPED.error(engine.name(), true), engine.headError(), engine.name() + ", heads");
    }
  }

  private static void same(CostError computed, CostError stated, String name) {
    if (computed.rows() < FEW) {
      assertEquals(0, stated.rows(), name);
      assertEquals(SHIPPED.error().spread(), stated.spread(), 1e-3, name);
      return;
    }
    assertEquals(computed.rows(), stated.rows(), name);
    assertEquals(computed.sources(), stated.sources(), name);
    assertEquals(computed.bias(), stated.bias(), 1e-3, name);
    assertEquals(computed.spread(), stated.spread(), 1e-3, name);
  }

  @Test
  void predictionsOfSourcesThatTheFitDidNotSeeAreThatGood() {
    assertTrue(meanError(fitted("hf", "pytorch")) < .15);
    assertTrue(meanError(fitted("vllm").filter(batch(true))) < .12);
    assertTrue(meanError(fitted("vllm").filter(batch(false))) < .15);
    List<RunPrediction> clear = PREDICTIONS.stream().filter(each -> !each.tooClose()).toList();
    long right = clear.stream().filter(RunPrediction::verdictRight).count();
    assertTrue(right > .9 * clear.size(), right + " of " + clear.size());
    double lost =
        MeasuredRuns.choices(PREDICTIONS).stream()
            .mapToDouble(LengthChoice::lost)
            .average()
            .orElseThrow();
    assertTrue(lost < .02, "lost " + lost);
  }

  @Test
  void theRooflineAloneCallsAlmostEverythingFaster() {
    List<RunPrediction> slower =
        SHIPPED.ideal().stream().filter(each -> each.measured() < .95).toList();
    long missed = slower.stream().filter(each -> each.predicted() > 1).count();
    assertTrue(slower.size() > 100 && missed > .7 * slower.size(), missed + "/" + slower.size());
  }

  // Were a source in its own fit, twice its speedups would move what is predicted of it.
  @Test
  void aSourceHasNoPartInItsOwnPrediction() throws IOException {
    String source = "github.com/shreyansh26/Speculative-Decoding";
    Path more = Files.writeString(folder.resolve("runs.json"), run("a", source + " x", 9.9));
    RunPrediction own = SHIPPED.predict(MeasuredRuns.read(more)).get(0);
    assertTrue(own.held());
    Engine without =
        EngineFit.fit(
            Engines.REGISTRY.named("vllm"),
            PREDICTIONS.stream()
                .map(RunPrediction::run)
                .filter(each -> each.setup().engine().equals("vllm"))
                .filter(each -> !each.source().equals(source))
                .filter(
                    each ->
                        fitted("vllm").anyMatch(one -> one.run().source().equals(each.source())))
                .filter(each -> !SHIPPED.isHeldOut(each.source()))
                .map(MeasuredRunsTest::costs)
                .toList(),
            EngineFit.PUBLISHED);
    assertEquals(costs(own.run()).speedup(without), own.predicted(), 1e-6);
    assertNotEquals(costs(own.run()).speedup(SHIPPED.fit("vllm")), own.predicted(), 1e-3);
    Path others = Files.writeString(folder.resolve("o.json"), run("a", "mine", 9.9));
    RunPrediction mine = SHIPPED.predict(MeasuredRuns.read(others)).get(0);
    assertEquals(costs(mine.run()).speedup(SHIPPED.fit("vllm")), mine.predicted(), 1e-9);
  }

  private static MeasuredRun.Costs costs(MeasuredRun run) {
    try {
      return run.costs();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String run(String id, String source, double speedup) {
    return String.format(
        Locale.ROOT,
        """
        {"rows": [{"id": "%s", "source": "%s", "target": "qwen2.5-7b", "draft": "qwen2.5-0.5b", "hardware": "h100-sxm",
         "engine": "vllm", "draftLength": 2, "tokensPerStep": 2.5, "measuredSpeedup": %s, "note": "of no matter"}]}""",
        id,
        source,
        speedup);
  }

  // Five plain passes in place of one of five rows: with floors they are 5 · 28 layers, not 28.
  @Test
  void aRunThatVerifiesOneByOneIsCostedSo() throws IOException {
    String row = run("a", "s", 1).replace("of no matter", "verification is not batched");
    row = row.replace("\"vllm\"", "\"pytorch\"").replace(": 2,", ": 4,").replace("2.5,", "3,");
    MeasuredRun.Costs costs =
        MeasuredRuns.read(Files.writeString(folder.resolve("r.json"), row)).get(0).costs();
    Engine engine = Engines.REGISTRY.named("pytorch");
    double layer = engine.cost(EngineCost.LAYER_MS);
    double plain = 28 * layer;
    double step = 4 * 24 * layer + 5 * plain + engine.cost(EngineCost.SPECULATION_MS);
    assertEquals(
        costs.run().measured().tokensPerStep() * plain / step, costs.speedup(engine), 1e-9);
  }

  @Test
  void whatCannotBePricedSaysWhy() throws IOException {
    Path file =
        Files.writeString(folder.resolve("r.json"), run("a", "s", 1).replace("h100-sxm", "abacus"));
    RunPrediction none = SHIPPED.predict(MeasuredRuns.read(file)).get(0);
    assertEquals(null, none.predicted());
    assertTrue(none.problem().contains("'abacus'"), none.problem());
  }

  @Test
  void twoRowsOfOneIdAreRefused() throws IOException {
    String row = run("a", "s", 1);
    String twice = row.replace("}]}", "}, ") + row.substring(row.indexOf('[') + 1);
    Path file = Files.writeString(folder.resolve("r.json"), twice);
    String message =
        assertThrows(IllegalArgumentException.class, () -> MeasuredRuns.read(file)).getMessage();
    assertTrue(message.contains("id 'a'"), message);
  }

  // Intervals that are said to hold 95%: of runs that were not fitted to, nine in ten at least.
  @Test
  void intervalsByTheErrorsOfEnginesHoldTheMeasurements() {
    long inside =
        PREDICTIONS.stream()
            .filter(
                each -> {
                  Engine engine = Engines.REGISTRY.named(each.run().setup().engine());
                  CostError error =
                      each.run().setup().draft().startsWith("eagle")
                          ? engine.headError()
                          : engine.error();
                  double away = Math.log(each.predicted() / each.measured()) - error.bias();
                  return Math.abs(away) < 1.96 * error.spread();
                })
            .count();
    assertTrue(inside > .9 * PREDICTIONS.size(), inside + " of " + PREDICTIONS.size());
  }
}
