package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.Test;
import redraft.cli.Cli;
import redraft.policy.FixedLength;
import redraft.steps.StepLog;
import redraft.steps.StepShape;
import redraft.verify.RecordedPath;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/** What no lossless rule for one drawn chain exceeds. */
class ChainLimitTest {
  private static final double[] P = {1 / 3., 2 / 3.};
  private static final double[] Q = {2 / 3., 1 / 3.};

  /** Sun et al. 2024, section 2: two tokens are drafted, whatever the text before them. */
  @Test
  void theExampleOfBlockVerificationHasTenElevenAndTwelveNinths() {
    double token = 0;
    double block = 0;
    double limit = 0;
    for (int path = 0; path < 4; path++) {
      int[] tokens = {path / 2, path % 2, 0}; // the last is no draft
      double[] ratio = new double[3];
      for (int t = 0; t < 3; t++) {
        ratio[t] = Q[tokens[t]] / P[tokens[t]];
      }
      double probability = P[tokens[0]] * P[tokens[1]];
      token += probability * accepted("token", ratio);
      block += probability * accepted("block", ratio);
      StepLog first = new StepLog(1);
      first.step(StepShape.chain(2), 0, 1);
      limit += probability * new ChainLimit(ratio).accepted(first);
    }
    assertEquals(10 / 9., token, 1e-12);
    assertEquals(11 / 9., block, 1e-12);
    assertEquals(12 / 9., limit, 1e-12);
  }

  private static double accepted(String name, double[] ratio) {
    VerificationRule rule = VerificationRules.named(name);
    double[] survival = new double[3];
    rule.survival(new RecordedPath(ratio, null, null), 0, 2, survival);
    return survival[1] + survival[2];
  }

  /** The last token of a text ends its step, so that it is never accepted. */
  @Test
  void stepsAndRunsAreSummedAsTheyAreToldAndTheTextsEndIsNone() {
    ChainLimit limit = new ChainLimit(new double[] {.5, 4, .5, 2});
    StepLog log = new StepLog(4);
    new ExactReplay(new FixedLength(3), false)
        .replay(
            new ReplaySequence("t", new CertainLaw(new int[] {0, 3, 0, 0}, null), 1, true), log);
    // Steps at 0 and 1: .5 + 1 + 1, then 1 + 1.
    assertEquals(4.5, limit.accepted(log), 1e-12);
  }

  @Test
  void bestSaysWhatIsLeftAboveItsRule() {
    String token =
        Cli.fine("best traces/tiny-t1.jsonl.gz --rule token --draft-length 4 --cost-ratio 0.1")
            .err();
    assertTrue(
        token.contains("more than 2.661 tokens per step here; rule token takes 2.439"), token);
    String one =
        Cli.fine("best traces/tiny-t1.jsonl.gz --rule token --draft-length 1 --cost-ratio 0.1")
            .err();
    assertFalse(one.contains("headroom"), one);
  }

  @Test
  void everyRowOfADrawnChainHasItAndIsBelowIt() throws Exception {
    JsonNode rows =
        new JsonMapper()
            .readTree(
                Cli.fine(
                        "replay traces/tiny-t1.jsonl.gz --rule token,block,greedy-draft --draft-length 1,4 --cost-ratio 0.1 --json")
                    .out());
    for (JsonNode row : rows.has("rows") ? rows.get("rows") : rows) {
      JsonNode limit = row.get("tokens_per_step_limit");
      double reached = row.get("tokens_per_step").asDouble();
      if (row.get("rule").asText().equals("greedy-draft")) {
        assertTrue(limit.isNull());
      } else if (row.get("draft_length").asInt() == 1) {
        assertEquals(reached, limit.asDouble(), 1e-9);
      } else {
        assertTrue(reached < limit.asDouble(), row.toString());
      }
    }
  }
}
