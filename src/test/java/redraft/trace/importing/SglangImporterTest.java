package redraft.trace.importing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.cli.Cli;
import redraft.trace.Grade;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Finish;

class SglangImporterTest {
  private static final String DRAWN =
      "{\"text\":\"ab\",\"output_ids\":[3,4],\"meta_info\":{\"id\":\"a\",\"prompt_tokens\":2,\"finish_reason\":"
          + "{\"type\":\"stop\",\"matched\":4},\"input_token_logprobs\":[[null,1,null],[-2.0,2,null]],"
          + "\"output_token_logprobs\":[[-0.5,3,null],[-0.25,4,null]]}}\n";
  private static final String SCORED =
      "{\"text\":\"c\",\"meta_info\":{\"id\":\"b\",\"prompt_tokens\":4,\"finish_reason\":{\"type\":\"length\",\"length\":1},"
          + "\"input_token_logprobs\":[[null,1,null],[-3.0,2,null],[-1.0,3,null],[-0.75,4,null]],"
          + "\"input_top_logprobs\":[null,[[-3.0,2,null]],[[-0.5,8,null],[-1.0,3,null]],[[-0.75,2,null],[-0.75,4,null]]],"
          + "\"output_token_logprobs\":[[-0.1,5,null]]}}\n";

  @TempDir Path folder;

  private String files(String target, String draft) throws IOException {
    Path one = Files.writeString(folder.resolve("t.jsonl"), target);
    Path two = Files.writeString(folder.resolve("d.jsonl"), draft);
    return "--from sglang --target " + one + " --draft small=" + two + " --temperature ";
  }

  private static String fixture(String prefix) {
    Path files = Imports.FIXTURES.resolve("sglang");
    return "--from sglang --target "
        + files.resolve(prefix + "target.jsonl")
        + " --draft small="
        + files.resolve(prefix + "draft.jsonl")
        + " --temperature ";
  }

  private Imports imported(String line) throws IOException {
    return Imports.of(folder.resolve("trace.jsonl"), line);
  }

  private String refused(String line) {
    return Imports.refused(folder.resolve("trace.jsonl"), line);
  }

  @Test
  void responsesSayWhatTheRecordingSays() throws IOException {
    Imports imports = imported(fixture("") + 1);
    assertEquals(Grade.EXACT, imports.header().grade());
    assertEquals("sglang", imports.header().source());
    TraceSequence cut = imports.sequences().get(0);
    TraceSequence whole = imports.sequences().get(1);
    Imports.assertRecorded(Imports.recorded(1, "dialogue-02", 0), cut, 0, 1e-4);
    Imports.assertRecorded(Imports.recorded(1, "dialogue-01", 1), whole, 0, 1e-4);
    assertEquals(Finish.LENGTH, cut.finish());
    assertEquals(Finish.EOS, whole.finish());
    assertNull(cut.drafts().get(0).rank()); // top_logprobs were not asked for
    Cli.fine("replay " + folder.resolve("trace.jsonl") + " --rule token,block --cost-ratio 0.1");
  }

  @Test
  void atTemperatureZeroOnlyTheMostProbableTokenMatters() throws IOException {
    Imports imports = imported(fixture("greedy-") + 0);
    Imports.assertRecorded(Imports.recorded(0, "dialogue-02", 0), imports.sequences().get(0), 0, 0);
    assertTrue(refused(fixture("") + 0).endsWith("ask for \"top_logprobs_num\":1 or more"));
  }

  // 3 is second of two; 2 and 4 tie, and the lower id comes first
  @Test
  void ranksArePlacesWhereEveryTokenIsListed() throws IOException {
    TraceSequence sequence = imported(files(DRAWN, SCORED) + 1).sequences().get(0);
    assertArrayEquals(new int[] {1, 2}, sequence.promptTokens());
    assertArrayEquals(new int[] {3, 4}, sequence.tokens());
    assertArrayEquals(new double[] {-0.5, -0.25}, sequence.target().logprob());
    assertArrayEquals(new double[] {-1, -0.75}, sequence.drafts().get(0).logprob());
    assertEquals(Finish.EOS, sequence.finish());
    assertArrayEquals(new int[] {2, 2}, sequence.drafts().get(0).rank());
  }

  @Test
  void otherTemperaturesAndTopPAreRefused() {
    String expected =
        "draft.jsonl:1: probabilities of a prompt's tokens are those at temperature 1 without top-k and top-p, whatever"
            + " was asked for, and the text was drawn otherwise; draw the text at temperature 1 without them, or keep"
            + " logits of both models and import these";
    assertEquals(expected, refused(fixture("") + 0.8));
    assertEquals(expected, refused(fixture("") + "1 --top-p 0.95"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "[null,1,null],[-2.0,2,null] | [-2.0,2,null] | the prompt's tokens are not there; ask for \"return_logprob\":true with \"logprob_start_len\":0",
        "[-0.25,4,null] | [0.25,4,null] | \"meta_info.output_token_logprobs[1][0]\" is 0.25, not at most 0",
        "[-0.25,4,null] | [-0.25] | a log-probability stands without its token id",
        "[-0.25,4,null] | [null,4,null] | \"meta_info.output_token_logprobs[1]\" says nothing of token 4",
        "meta_info | meta | \"meta_info\" is missing",
        "\"id\":\"a\", | | neither \"custom_id\" nor \"meta_info.id\" names the response",
      })
  void aWrongResponseIsNamed(String from, String to, String problem) throws IOException {
    String wrong = DRAWN.replace(from, to == null ? "" : to).replace("\"a\"", "\"b\"");
    assertEquals("t.jsonl:2: " + problem, refused(files(DRAWN + wrong, SCORED) + 1));
  }
}
