package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recording how sure drafts are, and replaying policies that stop on it. */
class SignalCommandsTest {
  private static final String RECORD = "record --max-new-tokens 24 --temperature 1 --seed 3 --out ";

  @TempDir Path folder;

  private String recorded(String options) throws IOException {
    Path trace = folder.resolve("trace.jsonl.gz");
    Cli.fine(RECORD + trace + " " + options);
    return trace.toString();
  }

  @Test
  void rolloutsMakeTheCostKnownThatSignalsBound() throws IOException {
    String asked =
        " --cost-ratio 0.1 --draft-length 6 --rule token,greedy-draft --policy p-min:0.4,entropy:0.2,confidence:0.3";
    JsonNode known = Cli.json("replay " + recorded("--rollouts 6,greedy:6") + asked);
    JsonNode bounded = Cli.json("replay " + recorded("--signals --force") + asked);
    assertEquals(6, known.size());
    assertEquals(
        "[\"signals\"]",
        Cli.json("inspect " + folder.resolve("trace.jsonl.gz"))
            .get("drafts")
            .get(0)
            .get("signals")
            .toString());
    for (int i = 0; i < known.size(); i++) {
      JsonNode exact = known.get(i);
      JsonNode between = bounded.get(i);
      assertEquals(exact.get("steps").asDouble(), between.get("steps").asDouble(), 1e-9);
      double low = between.get("speedup_bound_low").asDouble();
      double high = between.get("speedup_bound_high").asDouble();
      double speedup = exact.get("speedup").asDouble();
      assertTrue(low < speedup && speedup < high, low + " " + speedup + " " + high);
      assertTrue(exact.get("speedup_bound_low").isNull());
      assertEquals(
          between.get("tokens_per_step").asDouble(),
          between.get("tokens_per_step_bound_low").asDouble());
    }
  }

  @Test
  void theBestThresholdIsChosenOnOneHalfOfThePrompts() throws IOException {
    String trace = recorded("--rollouts 4");
    String asked = "replay " + trace + " --cost-ratio 0.1 --draft-length 1..4 --rule token";
    Cli run = Cli.fine(asked + " --policy fixed,p-min:best");
    assertTrue(run.err().contains("chosen on every other prompt"), run.err());
    JsonNode rows = Cli.json(asked + " --policy fixed,p-min:best,specdec:best");
    assertEquals(3, rows.size());
    assertTrue(rows.get(2).get("policy").asText().matches("specdec:[01]\\.[0-9]:power=.*"));
    assertEquals("fixed", rows.get(0).get("policy").asText());
    assertTrue(rows.get(1).get("policy").asText().matches("p-min:0\\.[0-9]"));
    assertEquals(24, rows.get(1).get("sequences").asInt());
  }

  // What replay shows of rules side by side, best chooses among; the same halves, the same numbers.
  @Test
  void bestSaysWhatStoppingGivesOnTheHalfThatDecidesNothing() throws IOException {
    String trace = recorded("--rollouts 4");
    String asked = trace + " --cost-ratio 0.3 --draft-length 1..4 --rule token,block";
    JsonNode policies =
        Cli.json("best " + asked + " --policy confidence:best,p-min:best").get("policies");
    assertEquals(3, policies.size());
    JsonNode shown = Cli.json("replay " + asked + " --policy fixed,confidence:best,p-min:best");
    assertEquals(6, shown.size());
    for (JsonNode chosen : policies) {
      boolean found = false;
      for (JsonNode row : shown) {
        found |=
            row.get("policy").equals(chosen.get("policy"))
                && row.get("rule").equals(chosen.get("rule"))
                && row.get("draft_length").equals(chosen.get("draft_length"))
                && row.get("speedup").equals(chosen.get("speedup"))
                && row.get("speedup_low").equals(chosen.get("speedup_low"));
      }
      assertTrue(found, chosen + " of " + shown);
    }
    Cli words = Cli.fine("best " + asked + " --policy confidence:best");
    assertTrue(words.out().contains("on the judging half, policy fixed: draft "), words.out());
    assertTrue(words.out().contains("on the judging half, policy confidence:0."), words.out());
    assertTrue(words.err().contains("chosen on every other prompt"), words.err());
    assertEquals(
        Cli.json("best " + asked).get("speedup"),
        Cli.json("best " + asked + " --policy confidence:best").get("speedup"));
  }

  // The confidence of a recorded token at temperature 1 is in every such trace.
  @Test
  void atTemperatureOneEveryTraceSaysHowSureTheDraftWasOfItsOwnToken() {
    Cli run =
        Cli.fine(
            "replay traces/tiny-t1.jsonl.gz --cost-ratio 0.1 --draft-length 4 --policy confidence:0.3");
    assertTrue(run.out().contains("speedup "), run.out());
    assertTrue(run.err().contains("record with --rollouts 4"), run.err());
  }

  @Test
  void liveDecodingStopsWhereTheDraftIsUnsure() throws IOException {
    int all = drafted("fixed");
    int some = drafted("confidence:0.3");
    int few = drafted("p-min:0.7");
    assertTrue(few < some && some < all, few + " " + some + " " + all);
  }

  private static int drafted(String policy) throws IOException {
    JsonNode answer =
        Cli.json(
            "generate --max-new-tokens 40 --temperature 1 --draft-length 8 --rounds 0 --prompt <|drama|> --policy "
                + policy);
    return (answer.isArray() ? answer.get(0) : answer).get("drafted").asInt();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          replay traces/tiny-t0.jsonl.gz --cost-ratio 0.1 --draft-length 4 --policy p-min:0.5; record it with --signals, and with --rollouts 4
          replay traces/tiny-t1.jsonl.gz --cost-ratio 0.1 --draft-length 4 --policy entropy:0.5; which this trace does not say of draft 'tiny-draft'
          replay traces/tiny-t1.jsonl.gz --cost-ratio 0.1 --draft-length 4 --policy confidence:0.5 --sampled 3; has no sampled timelines
          replay traces/tiny-t1.jsonl.gz --cost-ratio 0.1 --draft-length 4 --policy drop-below:0.5; the text is not the target's
          replay traces/tiny-t1.jsonl.gz --cost-ratio 0.1 --draft-length 4 --policy confidence:0.5 --draft prompt-lookup; draft 'prompt-lookup' does not say it
          replay preset:constant-0.8 --cost-ratio 0.1 --draft-length 4 --policy confidence:0.5; does not say it
          replay traces/tiny-t1.jsonl.gz --cost-ratio 0.1 --tree 2x2 --policy confidence:best; leave out --tree
          best traces/tiny-t1.jsonl.gz --cost-ratio 0.1 --policy confidence:0.5; --policy 'confidence:0.5' must be one of p-min:best
          best traces/tiny-t0.jsonl.gz --cost-ratio 0.1 --policy entropy:best; record with --signals --rollouts 8
          best traces/tiny-t1.jsonl.gz --cost-ratio 0.1 --tree 2x2 --policy confidence:best; leave out --tree
          generate --prompt x --temperature 1 --policy drop-below; the text is not the target's
          generate --prompt x --temperature 1 --policy p-min:0.5 --draft prompt-lookup; runs no model that says how sure it is of a token
          record --rollouts 0 --out {out}; --rollouts 0 is not K, K:FRACTION or greedy:K
          record --rollouts 8:1.5 --out {out}; above 0 and at most 1
          record --rollouts 8,4 --out {out}; names chains of one kind twice
          """)
  void whatDoesNotGoIsRefusedInOneLine(String command, String reason) {
    String out = folder.resolve("x.jsonl").toString();
    Cli run = Cli.run(command.replace("{out}", out).split(" "));
    assertEquals(2, run.exit(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains(reason), run.err());
    assertFalse(Files.exists(Path.of(out)));
  }
}
