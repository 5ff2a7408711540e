package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.trace.GradedTraces;

/** What commands make of traces that are no recordings of this program. */
class GradedTracesTest {
  @TempDir Path folder;

  private Path trace(String kind) throws IOException {
    Path file = folder.resolve("t.jsonl");
    return switch (kind) {
      case "engine" -> GradedTraces.engine(file);
      case "given" -> GradedTraces.given(file);
      case "depths" -> GradedTraces.depths(file);
      case "coins" -> GradedTraces.coins(file);
      case "counts" -> GradedTraces.counts(file);
      default -> throw new IllegalArgumentException(kind);
    };
  }

  private static Cli fine(Path trace, String command) {
    Cli run = Cli.run(command.replace("TRACE", trace.toString()).split(" "));
    assertEquals(0, run.exit(), run.err());
    return run;
  }

  private static String refusal(Path trace, String command) {
    Cli run = Cli.run(command.replace("TRACE", trace.toString()).split(" "));
    assertEquals(2, run.exit(), run.err());
    return run.err();
  }

  @ParameterizedTest
  @ValueSource(strings = {"engine", "given", "depths", "coins", "counts"})
  void everyCommandReadsThem(String kind) throws IOException {
    Path trace = trace(kind);
    Path report = folder.resolve("report");
    String grade =
        switch (kind) {
          case "given" -> "given-text";
          case "coins" -> "coins";
          case "counts" -> "histogram";
          default -> "exact";
        };
    assertTrue(fine(trace, "inspect TRACE").out().contains("grade          " + grade));
    JsonNode row =
        new JsonMapper()
            .readTree(fine(trace, "replay TRACE --cost-ratio 0.1 --draft-length 2 --json").out())
            .get(0);
    assertEquals(grade, row.get("grade").asText());
    assertTrue(row.get("tokens_per_step").asDouble() >= 1);
    assertTrue(fine(trace, "best TRACE --cost-ratio 0.1").out().contains("tokens per step"));
    fine(trace, "compare TRACE --cost-ratio 0.1 --draft-length 1..2");
    Cli page =
        fine(
            trace,
            "report TRACE --cost-ratio 0.1 --draft-length 1..2 --format html,json,markdown,csv --out "
                + report);
    assertTrue(Files.size(report.resolve("report.html")) > 1000, page.out());
    if (!grade.equals("exact")) {
      assertTrue(
          fine(trace, "replay TRACE --cost-ratio 0.1 --draft-length 2")
              .err()
              .contains("is of grade '" + grade + "' (an engine): "));
      assertTrue(Files.readString(report.resolve("summary.md")).contains("Of grade '" + grade));
    }
  }

  @Test
  void onlyTheMeasuredRuleIsReplayedAndTakenWhereNoneIsNamed() throws IOException {
    Path trace = trace("coins");
    String message =
        "draft 'small' was measured under rule 'greedy-draft' without probabilities, so nothing is known of rule 'block'";
    assertTrue(
        refusal(trace, "replay TRACE --rule block --cost-ratio 0.1 --draft-length 2")
            .contains(message));
    assertEquals(
        "greedy-draft",
        new JsonMapper()
            .readTree(fine(trace, "replay TRACE --cost-ratio 0.1 --draft-length 2 --json").out())
            .get(0)
            .get("rule")
            .asText());
    assertTrue(
        refusal(trace, "replay TRACE --draft prompt-lookup --draft-length 2 --cost-ratio 0.1")
            .contains("copies tokens, and of sequence 'q1' only their number is known"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"depths", "counts"})
  void longerDraftsThanAreKnownAreLeftOutUnlessNamed(String kind) throws IOException {
    Path trace = trace(kind);
    Cli run = fine(trace, "replay TRACE --cost-ratio 0.1 --json");
    assertEquals(3, new JsonMapper().readTree(run.out()).size());
    assertTrue(run.err().contains("is known up to 3 tokens of a block"), run.err());
    assertTrue(
        refusal(trace, "replay TRACE --draft-length 4 --cost-ratio 0.1")
            .contains("is known up to 3 tokens of a block"));
  }

  @Test
  void aGivenTextHasNoBlockRule() throws IOException {
    assertTrue(
        refusal(trace("given"), "replay TRACE --rule block --cost-ratio 0.1 --draft-length 2")
            .contains("the text of this trace is given, not drawn"));
  }
}
