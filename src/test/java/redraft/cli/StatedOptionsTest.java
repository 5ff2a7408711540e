package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Times that a user has measured, as options. */
class StatedOptionsTest {
  private static final String REPLAY = "replay --acceptance 0.7 ";

  private static JsonNode row(String options) throws Exception {
    Cli run = Cli.run((REPLAY + options + " --json").split(" "));
    assertEquals(0, run.exit(), run.err());
    assertEquals("", run.err());
    return new JsonMapper().readTree(run.out()).get(0);
  }

  // 40 and 100 tokens a second: 25 and 10 ms. A step of 2: 20 + 1.2 · 25 = 50 ms.
  @Test
  void speedsBecomeMillisecondsATokenAndTokensASecond() throws Exception {
    JsonNode row = row("--target-speed 40 --draft-speed 100 --verify-factor 1.2 --draft-length 2");
    assertEquals(40, row.get("baseline_tokens_per_second").asDouble(), 1e-9);
    assertEquals(25, row.get("baseline_ms_per_token").asDouble(), 1e-9);
    double tokensPerStep = row.get("tokens_per_step").asDouble();
    // the last step of the text drafts no further than its end
    assertEquals(50 / tokensPerStep, row.get("ms_per_token").asDouble(), 0.1);
    assertEquals("stated-times", row.get("hardware").asText());
  }

  @Test
  void timesAndSpeedsOfTheSamePassesAreTheSame() throws Exception {
    String speeds = "--target-speed 40 --draft-speed 100 --verify-factor 1.2 --draft-length 3";
    double speedup = row(speeds).get("speedup").asDouble();
    for (String same :
        new String[] {
          "--plain-ms 25 --draft-pass-ms 10 --verify-factor 1.2",
          "--verify-ms 1=25,2=30,4=30 --draft-pass-ms 10",
          "--plain-ms 25 --verify-ms 2=30,4=30 --draft-speed 100 --speculation-overhead 0"
        }) {
      assertEquals(speedup, row(same + " --draft-length 3").get("speedup").asDouble(), 1e-12);
    }
    double slower = row(speeds + " --speculation-overhead 5").get("ms_per_token").asDouble();
    double tokensPerStep = row(speeds).get("tokens_per_step").asDouble();
    assertEquals(5 / tokensPerStep, slower - row(speeds).get("ms_per_token").asDouble(), 0.02);
  }

  @Test
  void aVerificationThatNobodyMeasuredIsSaidToBeAssumed() {
    Cli run = Cli.run((REPLAY + "--target-speed 40 --draft-speed 100 --draft-length 2").split(" "));
    assertEquals(0, run.exit());
    assertTrue(
        run.err().startsWith("redraft: stated-times: nothing says what a verification costs"),
        run.err());
    assertEquals(1, run.err().lines().count());
  }

  @Test
  void whatLooksTokensUpNeedsNoSpeedOfADraft() throws Exception {
    String asked =
        "best traces/tiny-t0.jsonl.gz --draft prompt-lookup --verify-factor 1.1 --target-speed 40";
    JsonNode alone = Cli.json(asked);
    assertEquals(alone, Cli.json(asked + " --draft-speed 7"));
    assertTrue(alone.get("speedup").asDouble() > 0);
    Cli both = Cli.run(asked.replace("prompt-lookup", "prompt-lookup,tiny-draft").split(" "));
    assertEquals(2, both.exit());
    assertTrue(both.err().contains("name --draft-speed or --draft-pass-ms"), both.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--target-speed 40|nothing says what a draft pass costs: name --draft-speed or --draft-pass-ms, or a draft that runs no model",
        "--draft-pass-ms 10|nothing says what a plain step of the target costs: name --target-speed or --plain-ms",
        "--verify-ms 4=30 --draft-speed 100|nothing says what a plain step of the target costs: name --target-speed or --plain-ms",
        "--target-speed 40 --plain-ms 25 --draft-speed 100|--target-speed and --plain-ms both say what a plain step of the "
            + "target costs; leave out one of them",
        "--target-speed 40 --verify-ms 1=25,4=30 --draft-speed 100|--verify-ms 1=25,4=30 and --target-speed both say what a "
            + "plain step costs; leave out one of them",
        "--verify-ms 1=25,4=30 --verify-factor 1.2 --draft-speed 100|--verify-factor and --verify-ms both say what a "
            + "verification costs; leave out one of them",
        "--verify-ms 1=25 --draft-speed 100|--verify-ms 1=25 names no verification, which has at least 2 rows; add 4=9.9, say",
        "--verify-ms 1=25,4:30 --draft-speed 100|--verify-ms 1=25,4:30: '4:30' is not rows=milliseconds of rows not named "
            + "before; write 1=9.1,4=9.9,8=12, say",
        "--verify-ms 1=25,4=30,4=31 --draft-speed 100|--verify-ms 1=25,4=30,4=31: '4=31' is not rows=milliseconds of rows not "
            + "named before; write 1=9.1,4=9.9,8=12, say",
        "--verify-ms 1=25,4=30 --draft-speed 100|verifications are stated up to 4 rows, not for 5; state a longer one, or "
            + "draft at most 3 tokens",
        "--target-speed -1 --draft-speed 100|--target-speed -1.0 must be a number of tokens a second above 0",
        "--target-speed 40 --draft-speed 100 --batch 2|batch 2 has no cost under 'stated-times', stated for batch 1 only; name "
            + "hardware and model sizes, or leave the batch at 1"
      })
  void whatIsMissingOrSaidTwiceIsNamedInOneLine(String options, String message) {
    Cli run = Cli.run((REPLAY + options).split(" "));
    assertEquals(2, run.exit(), run.out());
    assertEquals("redraft: " + message + "\n", run.err());
  }
}
