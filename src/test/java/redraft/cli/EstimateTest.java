package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.model.onnx.ShippedPair;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;
import redraft.trace.TraceHeader;
import redraft.trace.TraceHeader.Sampling;
import redraft.trace.TraceSequence;

/** {@code replay --temperature} as a user meets it. */
class EstimateTest {
  private static final Sampling RECORDED = new Sampling(1, 0, 1, 0);
  @TempDir Path folder;

  private Path trace(LogitDetail logits, Sampling sampling) throws IOException {
    return trace(logits, sampling, SampleTraces.sequences(3, logits, sampling, 1));
  }

  private Path trace(LogitDetail logits, Sampling sampling, List<TraceSequence> sequences)
      throws IOException {
    TraceHeader header = SampleTraces.header(logits);
    return SampleTraces.write(
        folder.resolve("t.jsonl"),
        new TraceHeader(header.tokenizer(), header.target(), header.drafts(), sampling, logits),
        sequences);
  }

  private static Cli replay(Object trace, String... options) {
    List<String> arguments = new ArrayList<>(List.of("replay", trace.toString()));
    arguments.addAll(List.of("--cost-ratio", "0.1", "--draft-length", "2"));
    arguments.addAll(Arrays.asList(options));
    return Cli.run(arguments.toArray(String[]::new));
  }

  private static JsonNode row(Object trace, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(Arrays.asList(options));
    arguments.add("--json");
    Cli run = replay(trace, arguments.toArray(String[]::new));
    assertEquals(0, run.exit(), run.err());
    return new ObjectMapper().readTree(run.out()).get(0);
  }

  private static void assertRefused(String message, Object trace, String... options) {
    Cli run = replay(trace, options);
    assertEquals(2, run.exit(), run.err());
    assertEquals("redraft: " + message, run.err().lines().findFirst().orElse(""));
  }

  @Test
  void whatHasNoEstimateIsRefused() throws IOException {
    Path top = trace(LogitDetail.TOP, RECORDED);
    assertRefused(
        "rule 'block' has no estimate at another temperature: its acceptances depend on each other within a block",
        top,
        "--temperature",
        "0.5",
        "--rule",
        "block");
    assertRefused(
        "draft 'prompt-lookup' has no estimate at another temperature: what it copies depends on the text that would be written there",
        top,
        "--temperature",
        "0.5",
        "--draft",
        "prompt-lookup");
    assertRefused(
        "policy 'heuristic' can take more steps with more acceptance, so nothing bounds its estimate where logits are cut off; record the trace with --logits all",
        top,
        "--temperature",
        "0.5",
        "--policy",
        "heuristic");
    assertRefused(
        "an estimate at another temperature has no sampled timelines",
        top,
        "--temperature",
        "0.5",
        "--sampled",
        "3");
    assertRefused(
        "temperature -1.0 must be a number of at least 0 (0 is greedy)",
        top,
        "--temperature",
        "-1");
    assertRefused(
        "preset:constant-0.8 has no logits, so there is no estimate at another temperature",
        "preset:constant-0.8",
        "--temperature",
        "0.5");
  }

  @Test
  void tracesWithoutTheLogitsAreRefused() throws IOException {
    assertRefused(
        "the trace has no logits, which an estimate at another temperature needs; record it with --logits top or all",
        trace(LogitDetail.NONE, RECORDED),
        "--temperature",
        "0.5");
    assertRefused(
        "the trace was imported with accept lengths only, which hold at the temperature of the measurement",
        trace(LogitDetail.NONE, RECORDED, SampleTraces.acceptLengths(2, 1)),
        "--temperature",
        "0.5");
    assertRefused(
        "the trace was recorded with top-k 20 and top-p 0.95; an estimate at another temperature needs one recorded without them",
        trace(LogitDetail.TOP, new Sampling(1, 20, .95, 0)),
        "--temperature",
        "0.5");
  }

  @Test
  void atTheRecordedTemperatureReplayStaysExact() throws IOException {
    Path trace = trace(LogitDetail.NONE, RECORDED);
    JsonNode row = row(trace, "--temperature", "1", "--rule", "block");
    assertEquals("exact", row.get("basis").asText());
    assertTrue(row.get("tokens_per_step_bound_low").isNull());
    assertTrue(row.get("speedup_bound_high").isNull());
    assertEquals(row, row(trace, "--rule", "block"));
    assertFalse(replay(trace, "--temperature", "1").out().contains("stimate"));
  }

  @Test
  void theTableSaysThatItIsAnEstimate() throws IOException {
    Cli run = replay(trace(LogitDetail.ALL, RECORDED), "--temperature", "0.5");
    assertTrue(
        run.out().lines().anyMatch(line -> line.matches(".*95% interval +bounds")), run.out());
    assertTrue(
        run.out()
            .contains(
                "\nEstimates at temperature 0.5 on contexts recorded at temperature 1.0; bounds: "),
        run.out());
  }

  @Test
  void theEstimateFromAllLogitsLiesWithinTheBoundsFromTheLargest() throws Exception {
    Path prompts = folder.resolve("prompts.jsonl");
    Files.write(prompts, Files.readAllLines(ShippedPair.PROMPTS).subList(0, 2));
    for (String logits : List.of("top", "all")) {
      Cli run =
          Cli.run(
              "record",
              "--models",
              ShippedPair.DIRECTORY.toString(),
              "--prompts",
              prompts.toString(),
              "--out",
              folder.resolve(logits).toString(),
              "--temperature",
              "1",
              "--max-new-tokens",
              "12",
              "--logits",
              logits);
      assertEquals(0, run.exit(), run.err());
    }
    for (String temperature : List.of("0", "0.6", "1.2")) {
      for (String rule : List.of("token", "greedy-draft", "exact-match")) {
        for (String policy : List.of("fixed", "oracle")) {
          String[] options = {"--temperature", temperature, "--rule", rule, "--policy", policy};
          JsonNode all = row(folder.resolve("all"), options);
          JsonNode top = row(folder.resolve("top"), options);
          assertEquals("estimate", top.get("basis").asText());
          double value = all.get("tokens_per_step").asDouble();
          assertEquals(value, all.get("tokens_per_step_bound_low").asDouble());
          assertEquals(value, all.get("tokens_per_step_bound_high").asDouble());
          assertEquals(all.get("speedup").asDouble(), all.get("speedup_bound_high").asDouble());
          double low = top.get("tokens_per_step_bound_low").asDouble();
          double high = top.get("tokens_per_step_bound_high").asDouble();
          String where = String.join(" ", options) + ": " + low + " " + value + " " + high;
          assertTrue(low <= value + 1e-9 && value - 1e-9 <= high, where);
          assertTrue(
              low <= top.get("tokens_per_step").asDouble()
                  && top.get("tokens_per_step").asDouble() <= high,
              where);
          assertEquals(temperature.equals("0"), low == high, where);
        }
      }
    }
    assertNotEquals(
        row(folder.resolve("all"), "--temperature", "0.6").get("overlap"),
        row(folder.resolve("all")).get("overlap"));
  }
}
