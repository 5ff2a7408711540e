package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trees of candidates that are drawn, from recording to replay, and live. */
class CandidateCommandsTest {
  @TempDir Path directory;

  private String recorded(String ladders) throws Exception {
    String trace = directory.resolve("t.jsonl").toString();
    Cli.fine(
        "record --limit 2 --max-new-tokens 20 --temperature 1 --ladder "
            + ladders
            + " --out "
            + trace);
    return trace;
  }

  @Test
  void treesReplayFromRecordedLaddersWhichGainWithTheirCandidates() throws Exception {
    String trace = recorded("wor:3,k-seq:2");
    String csv =
        Cli.fine("replay " + trace + " --tree 1x3,2x3,3x3 --rule wor --cost-ratio 0.1 --csv -")
            .out();
    String token =
        Cli.fine("replay " + trace + " --rule token --draft-length 3 --cost-ratio 0.1 --csv -")
            .out();
    double one = tokensPerStep(csv, 1);
    assertEquals(tokensPerStep(token, 1), one, 1e-9);
    assertTrue(one < tokensPerStep(csv, 2) && tokensPerStep(csv, 2) < tokensPerStep(csv, 3), csv);
    assertTrue(Cli.fine("inspect " + trace).out().contains("wor:3, k-seq:2"));
  }

  private static double tokensPerStep(String csv, int row) {
    String[] lines = csv.split("\n");
    int column = java.util.List.of(lines[0].split(",")).indexOf("tokens_per_step");
    return Double.parseDouble(lines[row].split(",")[column]);
  }

  @Test
  void whatLaddersDoNotHoldIsNamed() throws Exception {
    String trace = recorded("k-seq:2");
    Cli k = Cli.run(("replay " + trace + " --tree 3x1 --rule k-seq --cost-ratio 0.1").split(" "));
    assertEquals(2, k.exit());
    assertTrue(k.err().contains("record with --ladder k-seq:3"), k.err());
    Cli token =
        Cli.run(("replay " + trace + " --tree 2x1 --rule token --cost-ratio 0.1").split(" "));
    assertTrue(token.err().contains("iid, wor, k-seq"), token.err());
  }

  @ParameterizedTest
  @CsvSource({
    "generate --prompt x --tree 3x2 --rule block, rule 'block' verifies one candidate",
    "generate --prompt x --tree 3x2 --draft-length 3, leave out --draft-length",
    "generate --prompt x --tree nosuch, no tree and no file is called 'nosuch'",
    "generate --prompt x --tree {gap} --rule wor, leaves out ranks",
    "record --ladder token:2 --out {out}, 'token:2' is not a rule of iid",
  })
  void whatMakesNoSenseIsRefused(String command, String why) throws Exception {
    Path out = directory.resolve("none.jsonl");
    Path gap = Files.writeString(directory.resolve("g.json"), "{\"name\":\"g\",\"paths\":[[2]]}");
    Cli run =
        Cli.run(
            command.replace("{out}", out.toString()).replace("{gap}", gap.toString()).split(" "));
    assertTrue(run.exit() == 1 || run.exit() == 2, run.out());
    assertTrue(run.err().contains(why), run.err());
    assertTrue(Files.notExists(out));
  }

  @Test
  void generateDrawsTheSameTextTwice() throws Exception {
    String command =
        "generate --prompt x --temperature 1 --seed 4 --max-new-tokens 12 --tree 3x2 --rule wor --json";
    assertTrue(Cli.json(command).get("drafted").asInt() > 12);
    assertEquals(Cli.json(command).get("text"), Cli.json(command).get("text"));
  }
}
