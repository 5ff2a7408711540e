package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static redraft.cli.Cli.fine;
import static redraft.cli.Cli.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An acceptance that is typed in where a trace would be named, whichever command it is. */
class TypedAcceptanceTest {
  private static final String L40S =
      " --hardware l40s --target-model llama-3.1-8b --draft-model llama-3.2-1b";
  @TempDir Path folder;

  // The ends of a text of 256 tokens take less than half a percent of 1 + .8 + .64 + .512.
  @Test
  void anIndependentAcceptanceGivesTheTokensOfTheFormula() throws Exception {
    JsonNode row = json("replay --acceptance 0.8 --draft-length 3 --cost-ratio 0.1").get(0);
    assertEquals(2.952, row.get("tokens_per_step").asDouble(), 0.015);
    assertEquals("acceptance 0.8", row.get("trace").asText());
    assertEquals("typed", row.get("draft").asText());
    assertEquals(1, row.get("sequences").asInt());
    assertTrue(row.get("speedup_low").isNull() && row.get("tokens_per_step_high").isNull());
  }

  @Test
  void theSameLawTypedInThreeWaysGivesTheSameRow() throws Exception {
    String rest = " --draft-length 1..6 --cost-ratio 0.1";
    List<List<Double>> speedups = new ArrayList<>();
    for (String typed :
        List.of(
            "--acceptance 0.5",
            "--acceptance-rates 0.5,0.25",
            "--acceptance-rates conditional:0.5",
            // 1 + .5 + .25 + .125
            "--acceptance-length 1.875@3")) {
      List<Double> each = new ArrayList<>();
      json("replay " + typed + rest).forEach(row -> each.add(row.get("speedup").asDouble()));
      speedups.add(each);
    }
    for (List<Double> each : speedups) {
      assertEquals(6, each.size());
      for (int i = 0; i < 6; i++) {
        assertEquals(speedups.get(0).get(i), each.get(i), 1e-12);
      }
    }
  }

  @Test
  void jointRatesAreReachedByTheirHistogram() throws Exception {
    double[] joint = {1, 0.8, 0.6, 0.4};
    JsonNode rows =
        json("replay --acceptance-rates 0.8,0.6,0.4 --draft-length 3 --cost-ratio 0 --histogram");
    for (int j = 0; j <= 3; j++) {
      assertEquals(joint[j], rows.get(j).get("joint").asDouble(), 0.01, "at " + j);
    }
  }

  @Test
  void placesThatNobodySpokeOfAreNamedWhereTheyAreReached() {
    String typed = "replay --acceptance-rates 0.8,0.6,0.4 --cost-ratio 0.1 --draft-length ";
    assertEquals("", fine(typed + "1..3").err());
    String note =
        "redraft: acceptance rates 0.8,0.6,0.4: nothing is said of places after 3, where the conditional rate of the last "
            + "one, 0.667, is repeated\n";
    assertEquals(note, fine(typed + "4").err());
    assertEquals(note, fine(typed + "2 --policy heuristic").err());
  }

  @Test
  void aServersMeanLengthAnswersForAnotherDraftLengthWithBounds() throws Exception {
    JsonNode best = json("best --acceptance-length 2.6@5 --draft-length 3" + L40S);
    double tokensPerStep = best.get("tokens_per_step").asDouble();
    assertEquals(3, best.get("draft_length").asInt());
    // p = .6424: 1 + .6424 + .4127 + .2651 = 2.320, less what the end of the text takes
    assertEquals(2.320, tokensPerStep, 0.015);
    // 1.96 and 2.6 far from the end
    assertEquals(
        1.96 / 2.6,
        best.get("law_tokens_per_step_low").asDouble()
            / best.get("law_tokens_per_step_high").asDouble(),
        1e-12);
    double low = best.get("law_speedup_low").asDouble();
    double high = best.get("law_speedup_high").asDouble();
    double speedup = best.get("speedup").asDouble();
    assertTrue(low < speedup && speedup < high, best.toString());
    assertEquals(low / speedup, 1.96 / 2.320, 0.01);
    assertTrue(best.get("prompts_speedup_low").isNull());
    assertTrue(best.get("acceptance_of").isNull());
    String note = best.get("notes").get(1).asText();
    assertTrue(
        note.startsWith(
            "acceptance length 2.6 at K=5 is read as the same conditional acceptance at every place, p = 0.6424 with "
                + "p + … + p^5 = L − 1; over all laws of that mean K=3 gives 1.95 – 2.59 tokens per step and "),
        note);
  }

  @Test
  void atItsOwnDraftLengthAMeanLengthLeavesTokensPerStepClosed() throws Exception {
    JsonNode best = json("best --acceptance-length 2.6@5 --draft-length 5 --cost-ratio 0.1");
    double tokensPerStep = best.get("tokens_per_step").asDouble();
    assertEquals(2.6, tokensPerStep, 0.015);
    assertEquals(tokensPerStep, best.get("law_tokens_per_step_low").asDouble(), 1e-9);
    assertEquals(tokensPerStep, best.get("law_tokens_per_step_high").asDouble(), 1e-9);
    // under a cost ratio nothing but tokens per step decides
    assertEquals(best.get("speedup").asDouble(), best.get("law_speedup_high").asDouble(), 1e-9);
  }

  @Test
  void anAcceptanceThatIsALawHasNoBoundsOverLaws() throws Exception {
    JsonNode best = json("best --acceptance 0.8 --cost-ratio 0.1");
    assertTrue(best.has("law_speedup_low") && best.get("law_speedup_low").isNull());
  }

  @Test
  void everyCommandThatReadsATraceTakesOne() throws Exception {
    String typed = " --acceptance-length 2.6@5 --cost-ratio 0.1 --draft-length 2,3";
    fine("sweep" + typed + " --batch 1 --csv " + folder.resolve("s.csv"));
    assertEquals(
        1 + 2 * 2 * 2,
        Files.readAllLines(folder.resolve("s.csv")).size()); // rules, contexts, lengths
    assertEquals("trace", json("compare" + typed).get(0).get("source").asText());
    Cli report = fine("report" + typed + " --out " + folder);
    assertTrue(report.out().startsWith("acceptance length 2.6 at K=5: "), report.out());
    assertTrue(report.err().contains("K=2 1.64 – 2.60, K=3 1.96 – 2.60"), report.err());
    assertTrue(Files.size(folder.resolve("report.html")) > 10_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"replay", "best", "sweep --batch 1 --csv -", "compare", "report"})
  void neitherATraceNorAnAcceptanceIsAUsageErrorAndSoAreBoth(String command) {
    refused(
        command + " --cost-ratio 0.1",
        "nothing says what is accepted: name a TRACE, or one of --acceptance, --acceptance-rates or --acceptance-length");
    refused(
        command + " --cost-ratio 0.1 --acceptance 0.8 preset:vllm-rates",
        "an acceptance stands in place of a trace, and preset:vllm-rates is one; name the trace, or one of --acceptance, "
            + "--acceptance-rates or --acceptance-length");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--acceptance 1.2|--acceptance 1.2: 1.2 is not a probability from 0 to 1",
        "--acceptance NaN|--acceptance NaN: NaN is not a probability from 0 to 1",
        "--acceptance 80%|--acceptance 80%: not a number, such as 0.8",
        "--acceptance-rates 0.8,,0.4|--acceptance-rates 0.8,,0.4: not a number, such as 0.8",
        "--acceptance-rates 0.8,0.9|--acceptance-rates 0.8,0.9: 0.9 at place 2 is more than 0.8 before it, and joint rates "
            + "never increase; rates given that the tokens before were accepted are written conditional:0.8,0.9",
        "--acceptance-rates conditional:0.8,-1|--acceptance-rates conditional:0.8,-1: -1.0 is not a probability from 0 to 1",
        "--acceptance-length 2.6|--acceptance-length 2.6: a mean length is one of a draft length; write 2.6@5 for 2.6 tokens "
            + "a step with 5 drafted",
        "--acceptance-length 2.6@x|--acceptance-length 2.6@x: 'x' is no draft length, a whole number such as 5",
        "--acceptance-length 7@5|--acceptance-length 7@5: 7.0 tokens a step are not from 1 to 6, all that 5 drafted and one "
            + "bonus or recovered token can give",
        "--acceptance 0.8 --draft tiny-draft|acceptance 0.8 has no draft 'tiny-draft'; its only one is typed",
        "--acceptance 0.8 --domain code|acceptance 0.8 has no domain 'code'; it has synthetic"
      })
  void whatIsRefusedIsNamedInOneLine(String typed, String message) {
    refused("best --cost-ratio 0.1 " + typed, message);
  }

  @Test
  void nothingIsFittedToWhatWasTyped() {
    refused(
        "compare --acceptance 0.8 --cost-ratio 0.1 --fit " + folder.resolve("f.json"),
        "--fit writes what a trace has measured, and an acceptance that is typed in measures nothing; name a TRACE");
  }

  @Test
  void aNameWithCommasIsOneCellOfCsv() {
    String[] lines =
        fine("replay --acceptance-rates 0.8,0.6 --draft-length 2 --cost-ratio 0 --csv -")
            .out()
            .split("\n");
    assertTrue(lines[1].startsWith("\"acceptance rates 0.8,0.6\",all,typed,token,"), lines[1]);
  }

  private static void refused(String line, String message) {
    Cli run = Cli.run(line.split(" "));
    assertEquals(2, run.exit(), run.out());
    assertEquals("redraft: " + message + "\n", run.err());
  }
}
