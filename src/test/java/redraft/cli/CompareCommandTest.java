package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.study.HandTraces;
import redraft.synthetic.AcceptancePresets;

class CompareCommandTest {
  private static final List<String> COLUMNS =
      List.of(
          "trace",
          "domain",
          "draft",
          "rule",
          "hardware",
          "sequences",
          "positions",
          "overlap",
          "source",
          "schedule",
          "draft_length",
          "chosen",
          "tokens_per_step",
          "speedup",
          "recorded_tokens_per_step",
          "recorded_speedup",
          "recorded_speedup_low",
          "recorded_speedup_high",
          "speedup_lost",
          "speedup_kept",
          "total_variation");

  @TempDir Path folder;
  private String trace;

  @BeforeEach
  void record() throws IOException {
    trace =
        HandTraces.write(
                folder.resolve("t.jsonl"),
                0.5,
                List.of("odd", "sure"),
                HandTraces.alternating(8),
                new double[] {1, 1, 1, 1, 1})
            .toString();
  }

  private static Cli fine(String... arguments) {
    Cli run = Cli.run(arguments);
    assertEquals(0, run.exit(), run.err());
    assertEquals("", run.err());
    return run;
  }

  private static List<String> fields(JsonNode object) {
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }

  @Test
  void theCsvHasARowForEverySourceAndDraftLength() throws IOException {
    Path csv = folder.resolve("new/c.csv");
    fine(
        "compare",
        trace,
        "--cost-ratio",
        "0.1",
        "--draft-length",
        "1..3",
        "--preset",
        "constant-0.8,vllm-rates",
        "--by-domain",
        "--csv",
        csv.toString());
    List<String> lines = Files.readAllLines(csv);
    assertEquals(String.join(",", COLUMNS), lines.get(0));
    assertEquals(1 + 3 * 4 * 3, lines.size()); // all and two domains, four sources, three lengths
    assertTrue(
        lines
            .get(1)
            .startsWith("t.jsonl,all,small,token,cost-ratio-0.1,2,13,0.5,trace,recorded,1,"),
        lines.get(1));
  }

  @Test
  void theJsonHasTheSameFields() throws IOException {
    JsonNode rows =
        new JsonMapper().readTree(fine("compare", trace, "--cost-ratio", "0.1", "--json").out());
    assertEquals(COLUMNS, fields(rows.get(0)));
    // trace, formula and all that is shipped, by default up to K = 12
    assertEquals((2 + AcceptancePresets.NAMES.size()) * 12, rows.size());
  }

  @Test
  void theHistogramsAsJson() throws IOException {
    JsonNode rows =
        new JsonMapper()
            .readTree(
                fine(
                        "compare",
                        trace,
                        "--cost-ratio",
                        "0.1",
                        "--draft-length",
                        "2",
                        "--preset",
                        "constant-0.8",
                        "--histogram",
                        "--json")
                    .out());
    assertEquals(
        List.of("trace", "domain", "draft", "rule", "source", "draft_length", "accepted", "share"),
        fields(rows.get(0)));
    assertEquals(3 * 3, rows.size());
  }

  @Test
  void theTablesSayWhatTheirColumnsMean() {
    String out =
        fine("compare", trace, "--cost-ratio", "0.1", "--domain", "odd", "--histogram").out();
    assertTrue(
        out.startsWith("t.jsonl: draft small, rule token, cost-ratio-0.1, 1 sequences"), out);
    assertTrue(out.contains("mean overlap Σ min(p, q) 0.5000"), out);
    assertTrue(out.contains("best K: where the source predicts its highest speedup"), out);
    assertTrue(out.contains("½ Σ|P(j) − Q(j)|"), out);
    assertTrue(
        out.lines().anyMatch(line -> line.matches("trace +recorded +1 +2\\.000 +1\\.818 .*")), out);
    assertTrue(out.lines().anyMatch(line -> line.matches("trace +1\\.0000")), out);
    assertTrue(out.contains("\ndomain odd, at K 1\n") && !out.contains("domain all"), out);
  }

  @Test
  void aFittedPresetReplaysLikeATrace() throws IOException {
    Path preset = folder.resolve("new/odd.json");
    String out =
        fine(
                "compare",
                trace,
                "--cost-ratio",
                "0.1",
                "--domain",
                "odd",
                "--draft-length",
                "1..3",
                "--fit",
                preset.toString())
            .out();
    assertTrue(out.contains("fitted preset: " + preset), out);
    assertEquals("odd", new JsonMapper().readTree(preset.toFile()).get("name").asText());
    JsonNode rows =
        new JsonMapper()
            .readTree(
                fine(
                        "replay",
                        "preset:" + preset,
                        trace,
                        "--cost-ratio",
                        "0.1",
                        "--draft-length",
                        "2",
                        "--json")
                    .out());
    assertEquals("preset:odd", rows.get(0).get("trace").asText());
    assertEquals("odd", rows.get(0).get("draft").asText());
    assertEquals(8 / 4.7, rows.get(0).get("speedup").asDouble(), 1e-12); // as the text it is of
    assertTrue(rows.get(0).get("overlap").isNull());
    assertEquals("t.jsonl", rows.get(1).get("trace").asText());
  }

  // 256 tokens in steps of 1 + 1: 128 · 1.1
  @Test
  void shippedPresetsReplayOnAHundredSequencesAndAsTimelines() throws IOException {
    JsonNode row =
        new JsonMapper()
            .readTree(
                fine(
                        "replay",
                        "preset:vllm-length-2.6",
                        "--cost-ratio",
                        "0.1",
                        "--draft-length",
                        "1",
                        "--json")
                    .out())
            .get(0);
    assertEquals(100, row.get("sequences").asInt());
    assertEquals(25600, row.get("positions").asInt());
    assertEquals(12800, row.get("steps").asDouble(), 1e-6);
    assertEquals(2 / 1.1, row.get("speedup").asDouble(), 1e-3);
    String[] sampled = {
      "replay",
      "preset:constant-0.8",
      "--cost-ratio",
      "0.1",
      "--draft-length",
      "5",
      "--sampled",
      "4",
      "--json"
    };
    String out = fine(sampled).out();
    JsonNode drawn = new JsonMapper().readTree(out).get(0);
    assertEquals(3.66, drawn.get("tokens_per_step").asDouble(), 0.05);
    assertTrue(drawn.get("speedup_sd").asDouble() > 0);
    assertTrue(drawn.get("speedup_low").isNull()); // other sequences would be the same
    assertEquals(out, fine(sampled).out());
  }

  @Test
  void theSameSeedGivesTheSameBytes() {
    String[] arguments = {"compare", trace, "--latency", "llama-3.1-8b-eagle3-h100", "--json"};
    assertEquals(fine(arguments).out(), fine(arguments).out());
  }

  @Test
  void promptLookupIsComparedWithoutTheFormula() {
    String out = fine("compare", trace, "--draft", "prompt-lookup", "--cost-ratio", "0.1").out();
    assertTrue(out.contains("constant-0.8") && !out.contains("formula"), out);
  }

  private static void assertRefused(String message, String... arguments) {
    Cli run = Cli.run(arguments);
    assertEquals(2, run.exit(), run.err());
    assertEquals("", run.out());
    assertTrue(run.err().startsWith("redraft: ") && run.err().contains(message), run.err());
    assertTrue(run.err().lines().count() <= 2, run.err());
  }

  @Test
  void wrongUsageIsNamed() throws IOException {
    assertRefused(
        "no acceptance preset and no file is called 'x'",
        "compare",
        trace,
        "--cost-ratio",
        "0.1",
        "--preset",
        "x");
    assertRefused(
        "no acceptance preset and no file is called 'x'",
        "replay",
        "preset:x",
        "--cost-ratio",
        "1");
    assertRefused(
        "the trace has no draft 'medium'",
        "compare",
        trace,
        "--cost-ratio",
        "0.1",
        "--draft",
        "medium");
    assertRefused(
        "t.jsonl has no domain 'code'; it has odd, sure",
        "compare",
        trace,
        "--cost-ratio",
        "0.1",
        "--domain",
        "code");
    assertRefused("--cost-ratio", "compare", trace);
    Path broken = Files.writeString(folder.resolve("b.json"), "{\"schedule\":\"constant\"}");
    assertRefused(
        "b.json: \"name\" is missing; \"description\" is missing; \"acceptance\" is missing; ",
        "compare",
        trace,
        "--cost-ratio",
        "0.1",
        "--preset",
        broken.toString());
  }

  @Test
  void helpHasExamples() {
    Cli run = fine("compare", "--help");
    assertTrue(run.out().contains("redraft compare traces/tiny-t1.jsonl.gz"), run.out());
  }
}
