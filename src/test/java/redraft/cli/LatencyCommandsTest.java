package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.hardware.HardwareCatalogue;
import redraft.hardware.HardwareProfile;
import redraft.hardware.Precision;
import redraft.latency.LatencyModels;

/** Prices, profiles, sweeps and validation as a user meets them. */
class LatencyCommandsTest {
  private static final String TRACE = "traces/tiny-t1.jsonl.gz";
  private static final String[] LLAMA = {
    "--target-model", "llama-3.1-8b", "--draft-model", "llama-3.2-1b"
  };
  @TempDir Path folder;

  private static String[] with(String[] first, String... more) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static JsonNode rows(String... more) throws Exception {
    Cli outcome = Cli.run(with(new String[] {"replay", TRACE, "--json"}, more));
    assertEquals(0, outcome.exit(), outcome.err());
    return new ObjectMapper().readTree(outcome.out());
  }

  // Cards that differ in their memory's size or their link alone, such as the two V100, share one.
  @Test
  void everyHardwareGivesACurveOfItsOwn() throws Exception {
    String names =
        String.join(",", HardwareCatalogue.hardware().stream().map(HardwareProfile::name).toList());
    JsonNode rows = rows(with(LLAMA, "--hardware", names, "--draft-length", "1..8"));
    int count = HardwareCatalogue.hardware().size();
    assertEquals(8 * count, rows.size());
    Set<List<Double>> curves = new HashSet<>();
    for (int i = 0; i < count; i++) {
      List<Double> curve = new ArrayList<>();
      for (int k = 0; k < 8; k++) {
        JsonNode row = rows.get(8 * i + k);
        assertEquals("llama-3.1-8b", row.get("target_model").asText());
        double speedup = row.get("speedup").asDouble();
        assertTrue(speedup > .4 && speedup < 3.5, row.toString());
        curve.add(Math.round(1e6 * speedup) / 1e6);
      }
      curves.add(curve);
    }
    Set<List<Double>> roofs =
        HardwareCatalogue.hardware().stream()
            .map(
                each -> List.of(each.tflops(Precision.BF16), each.memory().bandwidthGBps().value()))
            .collect(Collectors.toSet());
    assertEquals(roofs.size(), curves.size());
  }

  // At batch 256 arithmetic is the limit and speculation wastes it; a longer context hides that.
  @Test
  void batchAndContextMoveTheAnswer() throws Exception {
    JsonNode rows =
        rows(
            with(
                LLAMA,
                "--hardware",
                "h100",
                "--draft-length",
                "4",
                "--batch",
                "1,256",
                "--context",
                "100,4000"));
    assertEquals(4, rows.size());
    double alone = rows.get(0).get("speedup").asDouble();
    double crowded = rows.get(2).get("speedup").asDouble();
    double crowdedLong = rows.get(3).get("speedup").asDouble();
    assertTrue(alone > 1 && crowded < 1, alone + " " + crowded);
    assertTrue(crowdedLong > crowded, crowdedLong + " " + crowded);
    JsonNode first = rows.get(0);
    double perSecond = first.get("tokens_per_second").asDouble();
    assertEquals(1000 / first.get("ms_per_token").asDouble(), perSecond, 1e-9);
    assertEquals(
        4.76 / (3600 * perSecond) * 1e6, first.get("usd_per_million_tokens").asDouble(), 1e-9);
    assertEquals(
        first.get("speedup").asDouble(),
        first.get("baseline_usd_per_million_tokens").asDouble()
            / first.get("usd_per_million_tokens").asDouble(),
        1e-9);
    assertEquals(100, first.get("context").asInt());
    assertTrue(rows.get(3).get("shortfall").asText().contains("do not fit"));
    assertTrue(first.get("shortfall").isNull());
  }

  @Test
  void precisionsOfTargetAndDraftAreNamedWhereTheyDiffer() throws Exception {
    String[] pair = {
      "--target-model",
      "qwen2.5-7b-instruct",
      "--draft-model",
      "qwen2.5-0.5b",
      "--draft-length",
      "4"
    };
    JsonNode rows =
        rows(
            with(
                pair,
                "--hardware",
                "rtx-5060-ti",
                "--precision",
                "q4_k_m,int8",
                "--draft-precision",
                "q8_0"));
    assertEquals("rtx-5060-ti/int4+int8", rows.get(0).get("hardware").asText());
    assertEquals("rtx-5060-ti/int8", rows.get(1).get("hardware").asText());
    assertEquals("qwen2.5-7b", rows.get(0).get("target_model").asText());
  }

  @Test
  void aPriceOfOnesOwnReplacesThePresets() throws Exception {
    JsonNode row =
        rows(with(LLAMA, "--hardware", "h100", "--draft-length", "1", "--usd-per-hour", "1"))
            .get(0);
    assertEquals(
        1e6 / (3600 * row.get("tokens_per_second").asDouble()),
        row.get("usd_per_million_tokens").asDouble(),
        1e-9);
  }

  @Test
  void aSweepWritesARowForEveryConfiguration() throws Exception {
    Path csv = folder.resolve("deep/sweep.csv");
    Cli outcome =
        Cli.run(
            "sweep", TRACE, "--csv", csv.toString(), "--draft-length", "1..3", "--batch", "1,64");
    assertEquals(0, outcome.exit(), outcome.err());
    List<String> lines = Files.readAllLines(csv);
    assertEquals(1 + 6 * 2 * 2 * 2 * 3, lines.size()); // pairs, batches, contexts, rules, lengths
    assertTrue(lines.get(0).startsWith("trace,domain,draft,rule,policy,draft_length,"));
    assertTrue(outcome.out().contains("144 configurations in "), outcome.out());
    List<String> deployments =
        outcome
            .out()
            .lines()
            .filter(line -> line.matches(" *(1|64) +(256|2048) +\\w+ .*"))
            .toList();
    assertEquals(6 * 2 * 2, deployments.size(), outcome.out());
    assertEquals(
        6,
        outcome.out().lines().filter(line -> line.startsWith("hardware ")).count(),
        outcome.out());
  }

  @Test
  void theBestSettingIsOneLine() throws Exception {
    Cli outcome =
        Cli.run(
            "best",
            TRACE,
            "--target-model",
            "llama-3.1-70b",
            "--draft-model",
            "llama-3.2-1b",
            "--hardware",
            "h100-sxm");
    assertEquals(0, outcome.exit(), outcome.err());
    assertEquals(1, outcome.out().lines().count());
    assertTrue(
        outcome
            .out()
            .matches(
                "(?s)tiny-t1.jsonl.gz, tiny-target \\+ tiny-draft at the costs of llama-3.1-70b \\+ llama-3.2-1b on h100-sxm: "
                    + "too close to call \\([0-9]+% that it is faster\\): draft [0-9]+ tokens, rule block, [0-9.]+ tokens per step, "
                    + "[0-9.]+ times plain decoding, 95% [0-9.]+ – [0-9.]+ by prompts and costs; stops paying at batch [0-9]+; "
                    + "draft length [0-9]+ breaks even at α 0\\.[0-9]+; never pays below an independent acceptance α of "
                    + "0\\.[0-9]+ \\(overlap here 0\\.[0-9]+\\)\\R"),
        outcome.out());
    assertTrue(outcome.err().contains("do not fit on h100-sxm"), outcome.err());
  }

  // 48 GB less 18.5 GB of weights hold 8 caches of 20,000 tokens and more at 0.164 MB a token.
  @Test
  void aBatchThatDoesNotFitIsNoAnswer() {
    String line =
        Cli.run(
                with(
                    new String[] {"best", TRACE, "--context", "20000"},
                    with(LLAMA, "--hardware", "l40s")))
            .out();
    assertTrue(line.contains("; pays at every batch that fits, up to 8;"), line);
  }

  // What best says is what replay says.
  @Test
  void bestAgreesWithReplay() throws Exception {
    String[] price = with(LLAMA, "--hardware", "l40s");
    Cli outcome = Cli.run(with(new String[] {"best", TRACE, "--json"}, price));
    JsonNode best = new ObjectMapper().readTree(outcome.out());
    JsonNode rows = rows(with(price, "--rule", "token,block", "--draft-length", "1..12"));
    double highest = 0;
    for (JsonNode row : rows) {
      highest = Math.max(highest, row.get("speedup").asDouble());
    }
    assertEquals(highest, best.get("speedup").asDouble());
    int stops = best.get("stops_paying_at_batch").asInt();
    for (int batch : new int[] {stops - 1, stops}) {
      JsonNode there =
          rows(
              with(
                  price,
                  "--rule",
                  "token,block",
                  "--draft-length",
                  "1..12",
                  "--batch",
                  Integer.toString(batch)));
      boolean pays = false;
      for (JsonNode row : there) {
        pays |= row.get("speedup").asDouble() > 1;
      }
      assertEquals(batch < stops, pays, "batch " + batch);
    }
  }

  @Test
  void presetsAreListedAndExplained() {
    Cli all = Cli.run("presets");
    assertEquals(0, all.exit(), all.err());
    for (String name :
        List.of("h100-sxm", "llama-3.1-70b", "llama-3.1-70b+llama-3.2-1b@h100x4", "constant-0.8")) {
      assertTrue(all.out().contains(name), name);
    }
    assertTrue(Cli.run("presets", "h100").out().contains("memoryBandwidthGBps"));
    assertTrue(Cli.run("presets", "llama-3.2-1b").out().contains("recalled"));
    assertTrue(Cli.run("presets", "vllm-decay").out().contains("vllm-decay"));
    assertTrue(Cli.run("presets", "llama-3.1-8b+llama-3.2-1b@h100").out().contains("target pass"));
    assertEquals(0, Cli.run("presets", "--json").exit());
    assertFails(2, "no latency preset and no file is called 'h900'", "presets", "h900");
  }

  private static JsonNode preset(String name) throws Exception {
    Cli shown = Cli.run("presets", name, "--json");
    assertEquals(0, shown.exit(), shown.err());
    return new ObjectMapper().readTree(shown.out());
  }

  @Test
  void onePresetIsPrintedAsJson() throws Exception {
    JsonNode hardware = preset("h100");
    assertEquals("hardware", hardware.get("kind").asText());
    assertEquals("h100-sxm", hardware.get("name").asText());
    assertEquals(3350, hardware.get("memory_bandwidth_gbps").get("value").asDouble());
    JsonNode model = preset("llama-3.2-1b");
    assertEquals("model", model.get("kind").asText());
    assertEquals(8, model.get("kv_heads").asInt());
    assertFalse(model.has("kvHeads"));
    JsonNode acceptance = preset("constant-0.8");
    assertEquals("acceptance", acceptance.get("kind").asText());
    assertEquals("constant", acceptance.get("schedule").get("name").asText());
    assertEquals(0.8, acceptance.get("schedule").get("acceptance").asDouble());
    JsonNode prices = preset("llama-3.1-8b+llama-3.2-1b@h100");
    assertEquals("latency", prices.get("kind").asText());
    assertEquals("llama-3.1-8b", prices.get("target_model").asText());
    assertEquals(1024, prices.get("context_tokens").asInt());
    assertEquals(
        LatencyModels.load("llama-3.1-8b+llama-3.2-1b@h100").targetPass(1, 16, 1024),
        prices.get("passes").get(4).get("target_ms").asDouble());
    assertFails(2, "no latency preset and no file is called 'h900'", "presets", "h900", "--json");
  }

  private static void assertFails(int code, String message, String... arguments) {
    Cli outcome = Cli.run(arguments);
    assertEquals(code, outcome.exit(), outcome.err());
    String first = outcome.err().lines().findFirst().orElse("");
    assertTrue(first.startsWith("redraft: ") && first.contains(message), outcome.err());
    assertTrue(outcome.err().lines().count() <= 2, outcome.err());
  }

  @Test
  void wrongDeploymentsAreRefusedInOneLine() {
    String[] replay = {"replay", TRACE, "--draft-length", "1"};
    assertFails(2, "known are", with(replay, with(LLAMA, "--hardware", "h9")));
    assertFails(2, "states no link", with(replay, with(LLAMA, "--hardware", "m3-maxx2")));
    assertFails(
        2,
        "unknown precision 'fp9'",
        with(replay, with(LLAMA, "--hardware", "h100", "--precision", "fp9")));
    assertFails(2, "batch 0", with(replay, with(LLAMA, "--hardware", "h100", "--batch", "0")));
    assertFails(2, "context 0", with(replay, with(LLAMA, "--hardware", "h100", "--context", "0")));
    assertFails(
        2,
        "--usd-per-hour -1",
        with(replay, with(LLAMA, "--hardware", "h100", "--usd-per-hour", "-1")));
    assertFails(
        2,
        "--draft-model names 2 models for 1",
        with(
            replay,
            "--hardware",
            "h100",
            "--target-model",
            "llama-3.1-8b",
            "--draft-model",
            "llama-3.2-1b,llama-3.2-3b"));
    assertFails(2, "Missing required", with(replay, "--hardware", "h100"));
    assertFails(2, "this command takes one, not 2", "best", TRACE, "--cost-ratio", "0.1,0.2");
    assertFails(1, "does not exist", "sweep", "no.jsonl", "--csv", "x.csv");
    assertFails(2, "--csv", "sweep", TRACE);
  }

  @Test
  void aMeasuredProfilePricesAReplay() throws Exception {
    Path file = folder.resolve("profile.json");
    Cli measured =
        Cli.run(
            "profile",
            "--models",
            "models/tiny",
            "--out",
            file.toString(),
            "--rows",
            "5",
            "--contexts",
            "2",
            "--rounds",
            "2");
    assertEquals(0, measured.exit(), measured.err());
    assertTrue(measured.out().contains("5 rows"), measured.out());
    JsonNode rows = rows("--latency", file.toString(), "--draft-length", "1..4");
    assertEquals("tiny-target", rows.get(0).get("target_model").asText());
    assertEquals("profile", rows.get(0).get("hardware").asText());
    assertTrue(rows.get(0).get("ms_per_token").asDouble() > 0);
    assertNotEquals(
        rows.get(0).get("ms_per_token").asDouble(), rows.get(3).get("ms_per_token").asDouble());
    assertFails(
        2,
        "measured for 1 to 5 rows, not for 9",
        "replay",
        TRACE,
        "--latency",
        file.toString(),
        "--draft-length",
        "8");
    assertFails(
        2,
        "batch 2 has no cost under 'profile', measured for batch 1 only",
        "replay",
        TRACE,
        "--latency",
        file.toString(),
        "--draft-length",
        "2",
        "--batch",
        "2");
    String best =
        Cli.run("best", TRACE, "--latency", file.toString(), "--draft-length", "1..4").out();
    assertTrue(best.contains("measured for batch 1 only"), best);
  }

  @Test
  void llamaBenchIsImported() throws Exception {
    Path bench =
        Files.writeString(
            folder.resolve("bench.json"),
            """
            [{"model_filename":"big.gguf","model_n_params":9,"n_prompt":0,"n_gen":32,"avg_ts":50,"stddev_ts":1},
             {"model_filename":"big.gguf","model_n_params":9,"n_prompt":8,"n_gen":0,"avg_ts":300,"stddev_ts":9},
             {"model_filename":"small.gguf","model_n_params":1,"n_prompt":0,"n_gen":32,"avg_ts":400,"stddev_ts":1},
             {"model_filename":"small.gguf","model_n_params":1,"n_prompt":2,"n_gen":0,"avg_ts":700,"stddev_ts":1}]
            """);
    Path file = folder.resolve("llama.json");
    Cli imported =
        Cli.run("profile", "--import", "llama-bench", bench.toString(), "--out", file.toString());
    assertEquals(0, imported.exit(), imported.err());
    assertTrue(imported.err().contains("one depth was measured"), imported.err());
    JsonNode rows = rows("--latency", file.toString(), "--draft-length", "2");
    assertEquals(20, rows.get(0).get("baseline_ms_per_token").asDouble(), 1e-9);
    assertFails(2, "--import vllm", "profile", "--import", "vllm", "x", "--out", "y");
    assertFails(2, "does not exist", "profile", "--import", "llama-bench", "no.json", "--out", "y");
  }

  @Test
  void publishedMeasurementsArePredicted() throws Exception {
    Cli outcome = Cli.run("validate", "--published");
    assertEquals(0, outcome.exit(), outcome.err());
    assertTrue(
        outcome.out().contains("Mean |error| of the formula: 17.7% of 12 rows"), outcome.out());
    JsonNode rows = new ObjectMapper().readTree(Cli.run("validate", "--published", "--json").out());
    assertEquals(29, rows.size());
  }

  @Test
  void liveRunsAreSetBesideTheirPrediction() throws Exception {
    Path prompts =
        Files.writeString(
            folder.resolve("prompts.jsonl"),
            """
            {"id":"a","domain":"maths","prompt":"<|maths|>Question: Ann has 3 pens."}
            {"id":"b","domain":"maths","prompt":"<|maths|>Question: Bo buys 4 hats."}
            """);
    Cli outcome =
        Cli.run(
            "validate",
            "--models",
            "models/tiny",
            "--prompts",
            prompts.toString(),
            "--temperature",
            "0",
            "--full",
            "--draft-length",
            "1,3",
            "--rounds",
            "1",
            "--max-new-tokens",
            "24",
            "--out",
            folder.resolve("out").toString());
    assertEquals(0, outcome.exit(), outcome.err());
    List<String> csv = Files.readAllLines(folder.resolve("out/validation.csv"));
    assertEquals(1 + 4, csv.size());
    assertTrue(Files.size(folder.resolve("out/predicted-against-measured.png")) > 1000);
    assertTrue(
        csv.stream().skip(1).allMatch(line -> line.contains(",true,")), String.join("\n", csv));
    Files.writeString(prompts, Files.readAllLines(prompts).get(0) + "\n");
    assertFails(
        2,
        "one prompt of domain 'maths'",
        "validate",
        "--prompts",
        prompts.toString(),
        "--out",
        folder.resolve("out").toString());
  }
}
