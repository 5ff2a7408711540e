package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryPolicyCommandsTest {
  private static final String WARM = "replay traces/tiny-t1.jsonl.gz --cost-ratio 0.1";
  private static final String GREEDY = "replay traces/tiny-t0.jsonl.gz --cost-ratio 0.1";

  @Test
  void parametersHaveCommasAndSoHasTheListOfPolicies() throws IOException {
    JsonNode rows =
        Cli.json(
            GREEDY
                + " --draft-length 4 --policy fixed,sglang-adaptive:1,3,5,7:start=5,oracle,trt-threshold:8,0.1,bandit:0.2");
    assertEquals(5, rows.size());
    assertEquals("sglang-adaptive:1,3,5,7:start=5", rows.get(1).get("policy").asText());
    assertTrue(rows.get(1).get("draft_length").isNull());
    assertEquals("trt-threshold:8,0.1", rows.get(3).get("policy").asText());
    assertEquals(4, rows.get(3).get("draft_length").asInt());
    double bound = rows.get(2).get("tokens_per_step").asDouble();
    for (JsonNode row : rows) {
      assertTrue(row.get("tokens_per_step").asDouble() <= bound);
    }
  }

  @Test
  void whatCannotBeFollowedExactlyIsSampled() throws IOException {
    Cli refused = Cli.run((WARM + " --policy bandit --draft-length 8").split(" "));
    assertEquals(2, refused.exit());
    assertEquals(1, refused.err().lines().count(), refused.err());
    assertTrue(refused.err().contains("policy 'bandit' can remember more than"), refused.err());
    assertTrue(refused.err().contains("--sampled 200"), refused.err());
    JsonNode row = Cli.json(WARM + " --policy bandit --draft-length 8 --sampled 4").get(0);
    assertTrue(row.get("tokens_per_step").asDouble() > 1.5);
  }

  // The same length at a batch as fixed has, whatever the table says elsewhere.
  @Test
  void aTableOfBatchesIsAFixedLengthAtEachBatch() throws IOException {
    String load =
        "replay traces/tiny-t1.jsonl.gz"
            + " --hardware h100-sxm --target-model llama-3.1-8b --draft-model llama-3.2-1b --batch ";
    JsonNode rows = Cli.json(load + "1,8,40 --policy batch-table:1-4=5,5-32=2,33-64=0");
    assertEquals(3, rows.size());
    int[] lengths = {5, 2, 0};
    int[] batches = {1, 8, 40};
    for (int i = 0; i < 3; i++) {
      assertEquals(batches[i], rows.get(i).get("batch").asInt());
      assertEquals(lengths[i], rows.get(i).get("draft_length").asInt());
      if (lengths[i] > 0) {
        JsonNode fixed = Cli.json(load + batches[i] + " --draft-length " + lengths[i]).get(0);
        assertEquals(fixed.get("speedup").asDouble(), rows.get(i).get("speedup").asDouble());
      } else {
        assertEquals(1, rows.get(i).get("speedup").asDouble(), 1e-12);
      }
    }
  }

  @Test
  void standardInputIsReadOnceSoOneBatchOfATableIsTaken() {
    Cli refused =
        Cli.run(
            ("replay - --policy batch-table:1-4=5,5-32=2 --batch 1,8 --hardware h100-sxm --target-model llama-3.1-8b"
                    + " --draft-model llama-3.2-1b")
                .split(" "));
    assertEquals(2, refused.exit());
    assertTrue(refused.err().contains("standard input can be read once"), refused.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sglang-adaptive:1,3,5,7:warmup=0",
        "trt-threshold:2,0.9",
        "bandit:0.1",
        "batch-table:1-4=2"
      })
  void aPromptIsContinuedUnderIt(String policy) throws IOException {
    String generate = "generate --prompt <|code|>def --max-new-tokens 32 --rounds 0 --policy ";
    JsonNode speculative = Cli.json(generate + policy);
    JsonNode plain = Cli.json("generate --prompt <|code|>def --max-new-tokens 32 --draft-length 0");
    assertEquals(plain.get("text"), speculative.get("text"));
    assertTrue(speculative.get("steps").asInt() < 32);
    assertTrue(speculative.get("drafted").asInt() >= speculative.get("accepted").asInt());
  }

  @Test
  void theOracleIsNoneOfThem() {
    Cli refused = Cli.run("generate --prompt a --policy oracle".split(" "));
    assertEquals(2, refused.exit());
    assertFalse(Cli.fine("generate --help").out().contains("oracle"));
  }
}
