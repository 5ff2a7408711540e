package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.trace.GradedTraces;

/** How many prompts commands ask for. */
class PromptsNeededTest {
  private static final String TRACE = "traces/tiny-t1.jsonl.gz";

  @TempDir Path folder;

  // 48 prompts know tokens per step to ±3.6%: (3.6 / 2)² times as many, a little fewer by Student's
  // t.
  @Test
  void inspectSaysHowManyMorePromptsBringTokensPerStepToTwoPercent() throws IOException {
    JsonNode replay = Cli.json("inspect " + TRACE).get("drafts").get(0).get("replay");
    assertEquals("token", replay.get("rule").asText());
    assertEquals(4, replay.get("draft_length").asInt());
    assertEquals(2.439, replay.get("tokens_per_step").asDouble(), 5e-4);
    assertEquals(144, replay.get("prompts_for_2_percent").asInt());
    assertTrue(
        Cli.fine("inspect " + TRACE)
            .out()
            .contains(
                "2.439 tokens per step at draft length 4, rule token: 95% ±3.6% over 48 prompts; 96 more of their kind bring it to ±2%"));
  }

  @Test
  void replayAndBestSayItOfTheSpeedup() throws IOException {
    String arguments = TRACE + " --cost-ratio 0.1 --rule token --draft-length 1,4";
    String out = Cli.fine("replay " + arguments).out();
    JsonNode rows = Cli.json("replay " + arguments);
    int needed = rows.get(1).get("prompts_for_2_percent").asInt();
    assertTrue(rows.get(0).get("prompts_for_2_percent").asInt() < 48); // ±1.2% already
    assertTrue(
        out.contains(
            "95% of the speedup by prompts: at most ±3.6% over 48 prompts; "
                + (needed - 48)
                + " more of their kind bring it to ±2%"),
        out);
    assertTrue(Cli.fine("best " + arguments).err().contains(" more of their kind bring it to ±2%"));
    assertEquals(needed, Cli.json("best " + arguments).get("prompts_for_2_percent").asInt());
    String few = Cli.fine("replay " + TRACE + " --cost-ratio 0.1 --draft-length 1").out();
    assertTrue(few.contains("by prompts: ±1.2% over 48 prompts\n"), few);
    assertFalse(Cli.fine("replay --acceptance 0.8 --cost-ratio 0.1").out().contains("prompts"));
  }

  @Test
  void inspectKnowsMeasuredRunsByTheirOwnRule() throws IOException {
    JsonNode coins =
        Cli.json("inspect " + GradedTraces.coins(folder.resolve("c.jsonl")))
            .get("drafts")
            .get(0)
            .get("replay");
    assertEquals("greedy-draft", coins.get("rule").asText());
    assertTrue(coins.get("prompts_for_2_percent").asInt() > 4);
    JsonNode counts =
        Cli.json("inspect " + GradedTraces.counts(folder.resolve("h.jsonl")))
            .get("drafts")
            .get(0)
            .get("replay");
    assertEquals(3, counts.get("draft_length").asInt()); // the depth
    Path empty = folder.resolve("e.jsonl");
    Files.writeString(
        empty, Files.readAllLines(folder.resolve("c.jsonl")).get(0) + "\n"); // cut after the header
    assertTrue(Cli.json("inspect " + empty).get("drafts").get(0).get("replay").isNull());
  }

  @Test
  void onePipeIsEnough() throws IOException {
    assertTrue(Cli.fine("inspect " + TRACE).out().contains("state          complete"));
    Process process =
        Cli.process(List.of(), "inspect", "-").redirectInput(Path.of(TRACE).toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(out.contains("2.439 tokens per step at draft length 4"), out);
  }
}
