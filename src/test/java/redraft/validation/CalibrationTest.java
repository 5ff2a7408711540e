package redraft.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.latency.Engine;
import redraft.latency.EngineCost;
import redraft.latency.EngineFiles;
import redraft.latency.EngineLatency;
import redraft.latency.Engines;
import redraft.latency.LatencyModels;

class CalibrationTest {
  @TempDir Path folder;

  private List<MeasuredRun> runs(String rows) throws IOException {
    return MeasuredRuns.read(
        Files.writeString(folder.resolve("runs.json"), "{\"rows\": [" + rows + "]}"));
  }

  private static String row(int batch, int draftLength, double speedup) {
    return String.format(
        Locale.ROOT,
        "{\"id\": \"b%d-k%d\", \"engine\": \"vllm\", \"hardware\": \"h100-sxm\", \"target\": \"llama-3.1-8b\","
            + " \"draft\": \"llama-3.2-1b\", \"batch\": %d, \"draftLength\": %d, \"tokensPerStep\": 2,"
            + " \"measuredSpeedup\": %s}",
        batch,
        draftLength,
        batch,
        draftLength,
        speedup);
  }

  /** Rows of a machine whose every draft layer takes twice as long as shipped. */
  private String slow(int... draftLengths) throws IOException {
    Engine shipped = Engines.REGISTRY.named("vllm");
    Engine truth =
        shipped.with(
            Map.of(EngineCost.DRAFT_LAYER_MS, 2 * shipped.cost(EngineCost.DRAFT_LAYER_MS)));
    List<String> rows = new ArrayList<>();
    for (int draftLength : draftLengths) {
      MeasuredRun.Costs like = runs(row(1, draftLength, 1)).get(0).costs();
      rows.add(row(1, draftLength, like.speedup(truth)));
    }
    return String.join(",", rows);
  }

  @Test
  void aFewRunsFindASlowDraft() throws IOException {
    Calibration calibration = Calibration.of(runs(slow(1, 2, 4, 8)));
    Calibration.Estimate layer = calibration.costs().get(EngineCost.DRAFT_LAYER_MS);
    assertEquals(2 * layer.expected(), layer.fitted(), .15 * layer.fitted());
    assertTrue(layer.spread() < .15, "spread " + layer.spread());
    assertTrue(calibration.before() > .2, "before " + calibration.before());
    assertTrue(calibration.after() < .02, "after " + calibration.after());
  }

  @Test
  void whatNoRunTouchesStaysWhatItWas() throws IOException {
    Calibration calibration = Calibration.of(runs(slow(1, 2, 4)));
    Calibration.Estimate split = calibration.costs().get(EngineCost.SPLIT_LAYER_MS);
    assertEquals(split.expected(), split.fitted(), 1e-3 * split.expected());
    assertEquals(
        .5, split.spread(), 1e-6); // as it was expected: one device says nothing of several
  }

  @Test
  void theNextRunIsOneThatTells() throws IOException {
    Calibration.Next next = Calibration.of(runs(slow(1, 2))).next();
    assertTrue(next.spreadThen() < next.spreadNow());
    assertTrue(next.batch() > 1, "batch 1 is known; " + next);
  }

  @Test
  void theFileCostsAsTheCalibrationDoes() throws IOException {
    EngineLatency latency = Calibration.of(runs(slow(1, 4))).latency();
    Path file = folder.resolve("mine.json");
    EngineFiles.write(
        file,
        latency,
        new EngineFiles.Names("h100-sxm", "llama-3.1-8b", "llama-3.2-1b"),
        "two runs",
        "2026-11-24");
    assertEquals(
        latency.speculativeStep(4, 3, 500),
        LatencyModels.load(file.toString()).speculativeStep(4, 3, 500),
        1e-12);
    assertEquals(
        latency.costError().spread(), LatencyModels.load(file.toString()).costError().spread());
  }

  // 10 ms a token plain, 8 ms with speculation: a speedup of 1.25.
  @Test
  void timesStandForASpeedup() throws IOException {
    String row =
        row(1, 2, 1)
            .replace("\"measuredSpeedup\": 1.0", "\"measuredMs\": 8, \"measuredPlainMs\": 10");
    assertEquals(1.25, runs(row).get(0).measured().speedup());
    MeasuredRun.Costs only = runs(row.replace(", \"measuredPlainMs\": 10", "")).get(0).costs();
    Engine engine = Engines.REGISTRY.named("vllm");
    double ms = only.plainMs(engine) / only.speedup(engine);
    assertEquals(Math.log(ms / 8), only.error(engine), 1e-12);
  }

  @Test
  void runsOfTwoPairsAreRefused() throws IOException {
    List<MeasuredRun> two =
        runs(row(1, 1, 1) + "," + row(1, 2, 1).replace("llama-3.2-1b", "llama-3.2-3b"));
    String message =
        assertThrows(IllegalArgumentException.class, () -> Calibration.of(two)).getMessage();
    assertTrue(message.contains("'b1-k2'") && message.contains("another pair"), message);
  }
}
