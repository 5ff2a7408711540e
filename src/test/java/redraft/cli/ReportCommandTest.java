package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.model.onnx.ShippedPair;
import redraft.study.HandTraces;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;

class ReportCommandTest {
  private static final Path FIXTURE =
      Path.of("src", "test", "resources", "redraft", "report", "charts.json");

  @TempDir Path folder;
  private String trace;

  /** All of one domain's drafted tokens are accepted, and every second one of the other's. */
  @BeforeEach
  void write() throws IOException {
    double[] sure = new double[12];
    java.util.Arrays.fill(sure, 1);
    trace =
        HandTraces.write(
                folder.resolve("hand.jsonl"),
                0.75,
                List.of("odd", "sure"),
                HandTraces.alternating(12),
                sure)
            .toString();
  }

  private Cli report(String out, String... arguments) {
    List<String> all = new ArrayList<>(List.of("report", "--out", folder.resolve(out).toString()));
    all.addAll(List.of(arguments));
    return Cli.run(all.toArray(String[]::new));
  }

  private static Cli fine(Cli run) {
    assertEquals(0, run.exit(), run.err());
    return run;
  }

  private static Set<String> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static JsonNode json(String text) throws IOException {
    return new JsonMapper().readTree(text);
  }

  // 12 sure tokens, K = 3: steps of 4, so 3 · 1.3 = 3.9 target passes for 12
  // every second one accepted, K = 1: 6 steps of 2, so 6 · 1.1 = 6.6 for 12
  @Test
  void theBestSettingIsThatOfHandComputation() throws IOException {
    Cli run = fine(report("r", trace, "--draft-length", "1..3", "--rule", "token"));
    assertTrue(
        run.out().startsWith("hand.jsonl: Best of the settings compared: draft small, rule token,"),
        run.out());
    JsonNode report = json(Files.readString(folder.resolve("r/report.json")));
    assertTrue(report.get("cost_assumed").asBoolean());
    JsonNode byDomain = report.get("traces").get(0).get("best_by_domain");
    assertEquals("odd", byDomain.get(0).get("domain").asText());
    assertEquals(1, byDomain.get(0).get("draft_length").asInt());
    assertEquals(12 / 6.6, byDomain.get(0).get("speedup").asDouble(), 1e-9);
    assertEquals("sure", byDomain.get(1).get("domain").asText());
    assertEquals(3, byDomain.get(1).get("draft_length").asInt());
    assertEquals(12 / 3.9, byDomain.get(1).get("speedup").asDouble(), 1e-9);
  }

  @Test
  void everyFormatIsWritten() throws IOException {
    fine(report("r", trace));
    assertEquals(
        Set.of(
            "charts/acceptance-conditional.png",
            "charts/acceptance-joint.png",
            "charts/accepted-counts.png",
            "charts/speedup-by-draft-length.png",
            "charts/speedup-by-overlap.png",
            "report.csv",
            "report.html",
            "report.json",
            "summary.md"),
        files(folder.resolve("r")));
    fine(report("one", trace, "--format", "markdown"));
    assertEquals(Set.of("summary.md"), files(folder.resolve("one")));
  }

  @Test
  void theSameInputGivesTheSameBytes() throws IOException {
    String[] arguments = {
      trace,
      "--hardware",
      "h100-sxm,a100-80gb",
      "--target-model",
      "llama-3.1-8b",
      "--draft-model",
      "llama-3.2-1b",
      "--draft-length",
      "1..4"
    };
    fine(report("a", arguments));
    fine(report("b", arguments));
    Set<String> files = files(folder.resolve("a"));
    assertTrue(files.contains("charts/speedup-by-batch.png"), files.toString());
    assertTrue(files.contains("charts/speedup-by-hardware.png"), files.toString());
    assertTrue(files.contains("charts/price-by-draft-length.png"), files.toString());
    assertEquals(files, files(folder.resolve("b")));
    for (String file : files) {
      assertArrayEquals(
          Files.readAllBytes(folder.resolve("a").resolve(file)),
          Files.readAllBytes(folder.resolve("b").resolve(file)),
          file);
    }
  }

  @Test
  void chartsHoldTheNumbersOfTheFixture() throws IOException {
    fine(
        report(
            "r",
            trace,
            "--draft-length",
            "1..4",
            "--rule",
            "token",
            "--latency",
            "llama-3.1-8b-eagle3-h100",
            "--preset",
            "constant-0.8,vllm-decay,vllm-length-2.6"));
    JsonNode charts =
        json(Files.readString(folder.resolve("r/report.json"))).get("traces").get(0).get("charts");
    JsonNode expected = json(Files.readString(FIXTURE));
    assertEquals(names(expected), names(charts));
    for (int i = 0; i < expected.size(); i++) {
      assertAlike(expected.get(i), charts.get(i), expected.get(i).get("name").asText());
    }
  }

  private static List<String> names(JsonNode charts) {
    List<String> names = new ArrayList<>();
    charts.forEach(chart -> names.add(chart.get("name").asText()));
    return names;
  }

  private static void assertAlike(JsonNode expected, JsonNode actual, String where) {
    if (expected.isNumber()) {
      assertEquals(expected.asDouble(), actual.asDouble(), 1e-9, where);
    } else if (expected.isContainerNode()) {
      assertEquals(expected.size(), actual.size(), where);
      if (expected.isArray()) {
        for (int i = 0; i < expected.size(); i++) {
          assertAlike(expected.get(i), actual.get(i), where + "[" + i + "]");
        }
      } else {
        expected
            .fieldNames()
            .forEachRemaining(
                name -> assertAlike(expected.get(name), actual.get(name), where + "." + name));
      }
    } else {
      assertEquals(expected, actual, where);
    }
  }

  @Test
  void jsonFollowsItsSchema() throws IOException {
    var schema =
        JsonSchemaFactory.getInstance(VersionFlag.V202012)
            .getSchema(json(Files.readString(Path.of("docs", "report.schema.json"))));
    String measured =
        SampleTraces.write(
                folder.resolve("measured.jsonl"),
                SampleTraces.header(LogitDetail.NONE),
                SampleTraces.acceptLengths(8, 1))
            .toString();
    for (List<String> arguments :
        List.of(
            List.of(trace, "--json"),
            List.of(trace, measured, "--json", "--draft-length", "1..3"),
            List.of(
                trace,
                "--json",
                "--latency",
                "llama-3.1-70b+llama-3.2-1b@h100x4",
                "--batch",
                "1,4"))) {
      Cli run = fine(report("r", arguments.toArray(String[]::new)));
      assertEquals(Set.of(), schema.validate(json(run.out())), arguments.toString());
      assertEquals(json(Files.readString(folder.resolve("r/report.json"))), json(run.out()));
    }
    JsonNode broken = json("{\"format\":\"redraft-report\",\"version\":2}");
    assertFalse(schema.validate(broken).isEmpty(), "the schema refuses something");
  }

  @Test
  void theShippedTracesMakeAPageThatCanBeMailed() throws IOException {
    fine(
        report(
            "r",
            "traces/tiny-t0.jsonl.gz",
            "traces/tiny-t1.jsonl.gz",
            "--models",
            ShippedPair.DIRECTORY.toString(),
            "--format",
            "html"));
    long bytes = Files.size(folder.resolve("r/report.html"));
    assertTrue(bytes < 2_000_000, bytes + " bytes");
    // Texts are decoded: the shipped pair wrote these traces.
    String page = Files.readString(folder.resolve("r/report.html"));
    assertTrue(page.contains("\"pieceLengths\""));
    assertTrue(page.contains("\"total\":192"), "all sequences of the larger trace");
    fine(report("few", "traces/tiny-t1.jsonl.gz", "--sequences", "8", "--format", "html"));
    assertTrue(Files.size(folder.resolve("few/report.html")) < bytes / 4);
  }

  @Test
  void nothingOfATraceEndsTheScriptThatHoldsIt() throws IOException {
    String hostile =
        HandTraces.write(
                folder.resolve("a<!--b.jsonl"),
                0.5,
                List.of("</script><script>"),
                HandTraces.alternating(8))
            .toString();
    fine(report("r", hostile));
    String page = Files.readString(folder.resolve("r/report.html"));
    assertEquals(9, page.split("</script>", -1).length - 1); // data and eight scripts
    assertFalse(page.contains("<!--b"), "names are escaped in the title too");
    String summary = Files.readString(folder.resolve("r/summary.md"));
    assertTrue(summary.contains("| \\</script\\>\\<script\\> |"), summary);
  }

  private void assertRefused(String message, String... arguments) {
    Cli run = report("refused", arguments);
    assertEquals(2, run.exit(), run.err());
    assertTrue(run.err().startsWith("redraft: ") && run.err().contains(message), run.err());
    assertTrue(run.err().lines().count() <= 2, run.err());
    assertFalse(Files.exists(folder.resolve("refused")), "nothing is written");
  }

  @Test
  void wrongUsageIsNamed() throws IOException {
    assertRefused(
        "unknown report format 'pdf'; one of html, markdown, csv, json, png",
        trace,
        "--format",
        "pdf");
    assertRefused("--sequences 0 must be at least 1", trace, "--sequences", "0");
    assertRefused("the trace has no draft 'medium'", trace, "--draft", "medium");
    assertRefused("unknown verification rule 'x'", trace, "--rule", "x");
    Path other = folder.resolve("hand.jsonl.gz");
    Files.copy(Path.of(trace), other);
    assertRefused("two traces are called 'hand'", trace, other.toString());
    String measured =
        SampleTraces.write(
                folder.resolve("measured.jsonl"),
                SampleTraces.header(LogitDetail.NONE),
                SampleTraces.acceptLengths(8, 1))
            .toString();
    assertRefused("rule 'block' needs draft log-probabilities", measured, "--rule", "block");
  }

  @Test
  void tracesOfOneNameAreToldApartByTheirFolders() throws IOException {
    Path other = Files.createDirectories(folder.resolve("other")).resolve("hand.jsonl");
    Files.copy(Path.of(trace), other);
    fine(report("both", trace, other.toString(), "--draft-length", "2", "--format", "csv,png"));
    String first = folder.getFileName() + "/hand.jsonl";
    List<String> named =
        Files.readAllLines(folder.resolve("both/report.csv")).stream()
            .skip(1)
            .map(row -> row.replaceFirst(",.*", ""))
            .distinct()
            .toList();
    assertEquals(List.of(first, "other/hand.jsonl"), named);
    try (Stream<Path> charts = Files.list(folder.resolve("both/charts"))) {
      assertTrue(
          charts.anyMatch(chart -> chart.getFileName().toString().contains("other-hand")),
          "charts are called by both names");
    }
  }

  @Test
  void helpHasExamples() {
    Cli run = fine(Cli.run("report", "--help"));
    assertTrue(run.out().contains("redraft report traces/*.jsonl.gz --out out/report"), run.out());
  }
}
