package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static redraft.cli.Cli.fine;
import static redraft.cli.Cli.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Drafting by suffixes, beside the target, and for a target that decodes again. */
class OtherDraftingTest {
  private static final String TRACE = "replay traces/tiny-t1.jsonl.gz";

  private static JsonNode row(String line) throws IOException {
    return json(line).get(0);
  }

  @Test
  void suffixDraftingIsReplayedAndChosen() throws IOException {
    JsonNode row = row(TRACE + " --draft suffix --draft-length 4 --cost-ratio 0.5");
    assertEquals("suffix", row.get("draft").asText());
    assertEquals(1.154, row.get("tokens_per_step").asDouble(), 0.001);
    assertEquals(row.get("tokens_per_step").asDouble(), row.get("speedup").asDouble(), 1e-9);
    String best = "best traces/tiny-t0.jsonl.gz --draft prompt-lookup,suffix --cost-ratio 0";
    assertTrue(fine(best).out().contains("prompt-lookup"));
  }

  // K = 1: PEARL tests one token a step, accepted or not, and emits one.
  @Test
  void pearlWithOneTokenIsPlainDecoding() throws IOException {
    String line = TRACE + " --draft pearl:tiny-draft --draft-length 1 --cost-ratio 0.1";
    assertEquals(1, row(line).get("speedup").asDouble(), 1e-12);
    assertTrue(fine(line).err().contains("on devices of its own"));
  }

  // The block's steps are the same; some of them begin with their tokens drafted.
  @Test
  void guessesSaveDraftPassesAndNoSteps() throws IOException {
    String options = " --draft-length 3 --cost-ratio 0.2 --rule token";
    JsonNode chain = row(TRACE + " --draft tiny-draft" + options);
    JsonNode one = row(TRACE + " --draft ssd-1:tiny-draft" + options);
    JsonNode all = row(TRACE + " --draft ssd-9999:tiny-draft" + options);
    assertEquals(chain.get("steps").asDouble(), one.get("steps").asDouble(), 1e-6);
    assertTrue(one.get("speedup").asDouble() > chain.get("speedup").asDouble());
    // All are guessed: only the first step of each of 192 texts waits for its draft, 3 · 0.2.
    double time = all.get("steps").asDouble() + 192 * 0.6;
    assertEquals(26563 / time, all.get("speedup").asDouble(), 1e-3);
  }

  @Test
  void noPriceIsGivenWhereTheDraftHasDevicesOfItsOwn() throws IOException {
    String options =
        " --draft-length 3 --hardware h100-sxmx4 --target-model llama-3.1-70b --draft-model llama-3.2-1b --draft ";
    assertTrue(row(TRACE + options + "tiny-draft").get("usd_per_million_tokens").asDouble() > 0);
    assertTrue(row(TRACE + options + "pearl:tiny-draft").get("usd_per_million_tokens").isNull());
  }

  // A target pass is as long whatever its rows: one more for every step that rejects something.
  @Test
  void aRecurrentTargetCostsAPassAfterEveryRejection() throws IOException {
    String line = TRACE + " --draft-length 1 --cost-ratio 0 --rule token";
    JsonNode plain = row(line);
    JsonNode recurrent = row(line + " --recurrent-target");
    double steps = plain.get("steps").asDouble();
    double tokens = steps * plain.get("tokens_per_step").asDouble();
    double more =
        tokens / recurrent.get("speedup").asDouble() - tokens / plain.get("speedup").asDouble();
    // Steps that accept nothing, but the last of each text, which drafts nothing or ends it.
    double rejecting = steps - plain.get("accepted").asDouble();
    assertTrue(more < rejecting && more > rejecting - 192, more + " " + rejecting);
  }

  // A policy that never stops is a fixed length, whichever replay tells of its steps. Drafts are
  // free
  // here, since of a stopped block the trace only bounds them.
  @Test
  void aRecurrentTargetCostsTheSameUnderAPolicyThatNeverStops() throws IOException {
    String line = TRACE + " --draft-length 4 --cost-ratio 0 --rule token --policy ";
    double fixed = row(line + "fixed --recurrent-target").get("speedup").asDouble();
    assertTrue(fixed < 0.75 * row(line + "fixed").get("speedup").asDouble());
    assertEquals(
        fixed, row(line + "confidence:0.0 --recurrent-target").get("speedup").asDouble(), 1e-9);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          compare traces/tiny-t1.jsonl.gz --draft pearl:tiny-draft --cost-ratio 0.1 | drafts while the target verifies
          compare traces/tiny-t1.jsonl.gz --recurrent-target --cost-ratio 0.1 | which a recurrent target's does not
          replay traces/tiny-t1.jsonl.gz --draft ssd-2:tiny-draft --policy heuristic --cost-ratio 0.1 | policy 'heuristic' decides on that
          replay traces/tiny-t1.jsonl.gz --draft pearl:suffix --cost-ratio 0.1 | the trace has no draft 'suffix'
          export traces/tiny-t0.jsonl.gz --engine vllm --engine-version 0.33.0 --draft suffix --cost-ratio 0.1 | is not known here
          """)
  void whatIsNotPricedIsRefused(String line, String words) {
    Cli run = Cli.run(line.split(" "));
    assertEquals(2, run.exit(), run.err());
    assertTrue(run.err().contains(words), run.err());
    assertTrue(!run.err().contains("Exception"), run.err());
  }

  @Test
  void aTextIsGeneratedByItsOwnSuffixes() {
    String line =
        "generate --prompt the_ferry_the_ferry_the_ferry --temperature 0 --max-new-tokens 60 --rounds 0 --draft-length ";
    String plain = fine(line + "0").out();
    String drafted = fine(line + "6 --draft suffix").out();
    assertEquals(
        plain.substring(0, plain.lastIndexOf("\n\n")),
        drafted.substring(0, drafted.lastIndexOf("\n\n")));
    assertTrue(drafted.contains("accepted"), drafted);
  }
}
