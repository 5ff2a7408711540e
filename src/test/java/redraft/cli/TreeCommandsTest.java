package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TreeCommandsTest {
  private static final String GREEDY = "traces/tiny-t0.jsonl.gz";

  @TempDir Path folder;

  private static Cli fine(String command) {
    Cli run = Cli.run(command.split(" "));
    assertEquals(0, run.exit(), run.err());
    return run;
  }

  private static JsonNode rows(String command) throws IOException {
    return new JsonMapper().readTree(fine(command + " --json").out());
  }

  /** A tree of one branch is a chain, to the last digit, at both temperatures. */
  @ParameterizedTest
  @CsvSource({"traces/tiny-t0.jsonl.gz, 8", "traces/tiny-t1.jsonl.gz, 5"})
  void aTreeOfOneBranchIsAChain(String trace, int length) throws IOException {
    JsonNode chain =
        rows("replay " + trace + " --cost-ratio 0.1 --rule greedy-draft --draft-length " + length);
    JsonNode tree = rows("replay " + trace + " --cost-ratio 0.1 --tree 1x" + length);
    assertEquals("1x" + length, tree.get(0).get("tree").asText());
    assertTrue(chain.get(0).get("tree").isNull());
    for (String field : new String[] {"steps", "drafted", "accepted", "speedup", "speedup_low"}) {
      assertEquals(chain.get(0).get(field), tree.get(0).get(field), field);
    }
  }

  @Test
  void stepsCostTheRowsOfEveryLevel() throws IOException {
    JsonNode row = rows("replay " + GREEDY + " --tree 2x2 --cost-ratio 0.1 --domain maths").get(0);
    double steps = row.get("steps").asDouble();
    assertTrue(row.get("drafted").asDouble() > 5.8 * steps, row.toString()); // fewer at the end
    assertTrue(row.get("drafted").asDouble() <= 6 * steps, row.toString());
    assertEquals(2, row.get("draft_length").asInt());
    assertEquals("greedy-draft", row.get("rule").asText());
  }

  @Test
  void aGrownTreeIsWrittenAndReplaysAsGrown() throws IOException {
    Path file = folder.resolve("tree.json");
    Cli grown =
        fine("replay " + GREEDY + " --tree best:16 --tree-out " + file + " --cost-ratio 0.1");
    assertTrue(grown.err().contains("grown on every other prompt of each domain"), grown.err());
    JsonNode row = rows("replay " + GREEDY + " --tree " + file + " --cost-ratio 0.1").get(0);
    assertEquals("best:16", row.get("tree").asText());
    String best = fine("best " + GREEDY + " --tree " + file + " --cost-ratio 0.1").out();
    assertTrue(best.contains("draft tree best:16 to a depth of "), best);
  }

  @ParameterizedTest
  @CsvSource({
    "--tree x, no tree and no file is called 'x'",
    "--tree 2x2 --rule token, rule 'token' verifies one candidate at a place",
    "--tree 2x2 --draft prompt-lookup, has no ranks",
    "--tree 2x2 --draft-length 3, tree '2x2' has 2 levels",
    "--tree 2x2 --policy heuristic, is static",
    "--tree best:0, must have from 1 to 65536 nodes",
    "--tree 2x2 --tree-out t.json, goes with one --tree best:N"
  })
  void whatDoesNotGoTogetherIsRefused(String options, String message) {
    Cli run = Cli.run(("replay " + GREEDY + " --cost-ratio 0.1 " + options).split(" "));
    assertEquals(2, run.exit(), run.err());
    assertTrue(run.err().contains(message.replace(';', ',')), run.err());
  }
}
