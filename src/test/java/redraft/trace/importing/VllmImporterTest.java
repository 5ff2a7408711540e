package redraft.trace.importing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.cli.Cli;
import redraft.trace.Grade;
import redraft.trace.LogitDetail;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Finish;

class VllmImporterTest {
  private static final double ROUNDING = 1e-4; // of fp32 in kernels of other shapes
  private static final String SCORED =
      "{\"custom_id\":\"s\",\"response\":{\"status_code\":200,\"body\":{\"id\":\"cmpl-2\",\"choices\":[{\"index\":0,"
          + "\"token_ids\":[1],\"prompt_token_ids\":[7,311,264],\"prompt_logprobs\":[null,"
          + "{\"311\":{\"logprob\":-0.916,\"rank\":2},\"264\":{\"logprob\":-0.511,\"rank\":1}},"
          + "{\"264\":{\"logprob\":-0.25,\"rank\":1}}]}]}}}\n";
  private static final String DRAWN =
      "{\"custom_id\":\"a\",\"response\":{\"status_code\":200,\"body\":{\"id\":\"cmpl-1\",\"choices\":[{\"index\":0,"
          + "\"prompt_token_ids\":[7],\"token_ids\":[311,264],\"finish_reason\":\"stop\",\"stop_reason\":null,\"logprobs\":"
          + "{\"tokens\":[\"token_id:311\",\"b\"],\"token_logprobs\":[-0.105,-0.5],\"top_logprobs\":[null,null]}}]}}}\n";

  @TempDir Path folder;

  private String files(String target, String draft) throws IOException {
    Path one = Files.writeString(folder.resolve("t.jsonl"), target);
    Path two = Files.writeString(folder.resolve("d.jsonl"), draft);
    return "--from vllm --target " + one + " --draft small=" + two + " --temperature ";
  }

  private Imports imported(String line) throws IOException {
    return Imports.of(folder.resolve("trace.jsonl"), line);
  }

  private String refused(String line) {
    return Imports.refused(folder.resolve("trace.jsonl"), line);
  }

  private static String fixture(String prefix) {
    Path files = Imports.FIXTURES.resolve("vllm");
    return "--from vllm --target "
        + files.resolve(prefix + "target.jsonl")
        + " --draft small="
        + files.resolve(prefix + "draft.jsonl")
        + " --temperature ";
  }

  @Test
  void responsesSayWhatTheRecordingSays() throws IOException {
    Imports imports = imported(fixture("") + 1);
    assertEquals(Grade.EXACT, imports.header().grade());
    assertEquals("vllm", imports.header().source());
    assertEquals(LogitDetail.NONE, imports.header().logits());
    List<TraceSequence> sequences = imports.sequences();
    assertEquals(3, sequences.size());
    for (int sample = 0; sample < 2; sample++) { // two choices of one request
      TraceSequence recorded = Imports.recorded(1, "dialogue-02", sample);
      assertEquals("dialogue-02", sequences.get(sample).id());
      assertEquals(sample, sequences.get(sample).sample());
      assertArrayEquals(recorded.promptTokens(), sequences.get(sample).promptTokens());
      Imports.assertRecorded(recorded, sequences.get(sample), 0, ROUNDING);
      assertEquals(Finish.LENGTH, sequences.get(sample).finish());
    }
    TraceSequence whole = sequences.get(2);
    Imports.assertRecorded(Imports.recorded(1, "dialogue-01", 1), whole, 0, ROUNDING);
    assertEquals(Finish.EOS, whole.finish());
    // The target's own scoring is of rows in half precision.
    assertTrue(
        imports
            .notes()
            .matches("(?s).*own scoring of 40 tokens differs .* \\|Δ ln p\\| [0-9.]+E-4.*"),
        imports.notes());
  }

  @Test
  void everyRuleReplaysResponses() throws IOException {
    imported(fixture("") + 1);
    Cli.fine(
        "replay "
            + folder.resolve("trace.jsonl")
            + " --rule token,block,greedy-draft,exact-match --draft-length 4 --cost-ratio 0.1");
  }

  @Test
  void atTemperatureZeroTheRankIsAll() throws IOException {
    Imports imports = imported(fixture("greedy-") + 0);
    Imports.assertRecorded(Imports.recorded(0, "dialogue-02", 0), imports.sequences().get(0), 0, 0);
    assertEquals("cmpl-g", imports.sequences().get(0).id());
  }

  @Test
  void forcedDecodingSaysProbabilitiesAfterTheTransforms() throws IOException {
    Imports imports = imported(fixture("nucleus-") + "0.7 --top-p 0.9");
    Path rows = Imports.FIXTURES.resolve("npy"); // of the same text
    Imports expected =
        Imports.of(
            folder.resolve("rows.jsonl"),
            "--from npy --sampled --temperature 0.7 --top-p 0.9 --target "
                + rows.resolve("target.npy")
                + " --draft small="
                + rows.resolve("draft.npy"));
    TraceSequence sequence = imports.sequences().get(0);
    TraceSequence same = expected.sequences().get(0);
    assertArrayEquals(same.tokens(), sequence.tokens());
    assertArrayEquals(same.target().logprob(), sequence.target().logprob(), ROUNDING);
    // The draft's rows are in half precision there.
    assertArrayEquals(same.drafts().get(0).logprob(), sequence.drafts().get(0).logprob(), 1e-2);
    assertEquals(0.9, imports.header().sampling().topP());
    assertTrue(imports.notes().contains("nothing in the files says so"), imports.notes());
  }

  @Test
  void aPromptsProbabilitiesAreOfTemperatureOneAlone() {
    for (String other : List.of("0.7", "1 --top-p 0.9", "1 --top-k 20")) {
      assertEquals(
          "draft.jsonl:1: probabilities of a prompt's tokens are those at temperature 1 without top-k and top-p,"
              + " whatever was asked for, and the text was drawn otherwise; score by forced decoding"
              + " (trace_decode_token_ids of /inference/v1/generate) on servers with --logprobs-mode processed_logprobs,"
              + " or draw the text at temperature 1",
          refused(fixture("") + other));
    }
    assertEquals(
        "responses do not say at which temperature their text was drawn; say --temperature, with --top-k and --top-p"
            + " where these were not 0 and 1",
        refused(fixture("").replace(" --temperature ", "")));
  }

  // p = e^−0.105 = 0.900, q = e^−0.916 = 0.400, of rank 2: the token rule keeps it with 0.4 / 0.9
  @Test
  void theWorkedExample() throws IOException {
    Imports imports = imported(files(DRAWN, SCORED) + 1);
    TraceSequence sequence = imports.sequences().get(0);
    assertEquals(312, imports.header().tokenizer().vocabularySize());
    assertArrayEquals(new int[] {7}, sequence.promptTokens());
    assertArrayEquals(new double[] {-0.105, -0.5}, sequence.target().logprob());
    assertArrayEquals(new double[] {-0.916, -0.25}, sequence.drafts().get(0).logprob());
    assertArrayEquals(new int[] {2, 1}, sequence.drafts().get(0).rank());
    assertEquals(Finish.EOS, sequence.finish());
    assertEquals(0.444, Math.exp(-0.916 + 0.105), 1e-3);
  }

  @Test
  void minus9999IsProbabilityZero() throws IOException {
    Imports imports =
        imported(files(DRAWN, SCORED.replace("-0.25,\"rank\":1", "-9999.0,\"rank\":90")) + 1);
    assertEquals(Double.NEGATIVE_INFINITY, imports.sequences().get(0).drafts().get(0).logprob()[1]);
  }

  // 311 and 400 tie; vLLM counts both before 311, whose id is the lower one
  @Test
  void listedTiesBehindATokenDoNotCount() throws IOException {
    String tied = "{\"311\":{\"logprob\":-0.7,\"rank\":2},\"400\":{\"logprob\":-0.7,\"rank\":2}}";
    Imports imports = imported(files(DRAWN, SCORED.replaceFirst("\\{\"311\".*?\\}\\}", tied)) + 1);
    assertArrayEquals(new int[] {1, 1}, imports.sequences().get(0).drafts().get(0).rank());
  }

  @Test
  void aStopTokenEndsATextAndAStopTextCutsIt() throws IOException {
    for (String reason : List.of("128009", "\"###\"")) {
      String stopped = DRAWN.replace("\"stop_reason\":null", "\"stop_reason\":" + reason);
      assertEquals(
          reason.startsWith("1") ? Finish.EOS : Finish.LENGTH,
          imported(files(stopped, SCORED) + 1).sequences().get(0).finish());
    }
  }

  @Test
  void whatIsNotScoredIsLeftOutAndNamed() throws IOException {
    String other = DRAWN.replace("\"a\"", "\"s\"").replace("[311,264]", "[311,265]");
    Imports imports = imported(files(DRAWN + other, SCORED + SCORED) + 1);
    assertEquals(1, imports.sequences().size());
    assertTrue(
        imports
            .notes()
            .contains(
                "1 texts are not scored in d.jsonl and are left out, the first: 's': line 2, of that id, is of another"
                    + " text: its token 2 is 264, not 265"),
        imports.notes());
    assertTrue(imports.notes().contains("d.jsonl scores 1 texts that are none of t.jsonl"));
    assertTrue(
        refused(files(other, SCORED) + 1)
            .startsWith("d.jsonl scores none of the texts of t.jsonl: its prompts must be"));
  }

  @Test
  void requestsThatFailedAreLeftOut() throws IOException {
    String failed =
        "{\"id\":\"x\",\"custom_id\":\"f\",\"response\":null,\"error\":\"no room\"}\n"
            + DRAWN.replace("200", "400").replace("\"a\"", "\"g\"");
    Imports imports = imported(files(failed + DRAWN, SCORED) + 1);
    assertEquals(1, imports.sequences().size());
    assertTrue(
        imports
            .notes()
            .contains("t.jsonl: 2 lines have no answer and are left out, the first of them line 1"),
        imports.notes());
  }

  @Test
  void certaintyEverywhereIsNoMeasurement() throws IOException {
    String zeros = DRAWN.replace("[-0.105,-0.5]", "[0.0,0.0]");
    String expected =
        "t.jsonl: every log-probability is 0, as llama-server writes under speculation, where it computes none; generate"
            + " without speculation";
    assertEquals(expected, refused(files(zeros, SCORED) + 1));
    assertEquals(
        expected.replace("jsonl:", "jsonl:1:"),
        refused(files(zeros.replace("\"prompt_token_ids\":[7],", ""), SCORED) + 1));
  }

  @Test
  void aTextThatOthersOutrankWasNotGreedy() throws IOException {
    String forced = Files.readString(Imports.FIXTURES.resolve("vllm/nucleus-target.jsonl"));
    String outranked = forced.replaceFirst("\"rank\":1", "\"rank\":2");
    assertEquals(
        "t.jsonl: 1 of 6 generated tokens are not of rank 1, so they were not drawn at temperature 0",
        refused(files(outranked, forced) + 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "\"prompt_token_ids\":[7], | | \"prompt_token_ids\" of choices[0] is missing; ask for it with \"return_token_ids\":true",
        "\"token_ids\":[311,264], | | \"choices[0].token_ids\" is missing; ask for it with \"return_token_ids\":true",
        "[-0.105,-0.5] | [-0.105,0.5] | \"response.body.choices[0].logprobs.token_logprobs[1]\" is 0.5, not at most 0",
        "[-0.105,-0.5] | [-0.105,NaN] | not valid JSON at byte 249: 'NaN' cannot stand there",
        "[-0.105,-0.5] | [-0.105,-9999.0] | token 2 was generated with probability 0: these are not the probabilities that it was drawn from",
        "[-0.105,-0.5] | [-0.105] | \"response.body.choices[].logprobs.token_logprobs\" has 1 log-probabilities of 2 tokens",
        "[-0.105,-0.5] | [null,-0.5] | \"response.body.choices[].logprobs.token_logprobs[0]\" says nothing of token 311",
        "[311,264] | [311,264,5] | \"response.body.choices[].logprobs.token_logprobs\" has 2 entries, not one for each of the 3 generated tokens",
        "[311,264] | [311,-264] | \"response.body.choices[0].token_ids[1]\" is -264, not from 0 to 2147483646",
        "\"logprobs\" | \"logprob\" | the response says nothing of the probabilities of its tokens",
        "\"choices\" | \"completion_probabilities\" | \"completion_probabilities\" is of llama-server, which scores no given tokens, so no draft can be held against it; see format 'llama.cpp-logits'",
      })
  void aWrongResponseIsNamed(String from, String to, String problem) throws IOException {
    String wrong = DRAWN.replace(from, to == null ? "" : to).replace("\"a\"", "\"b\"");
    assertEquals("t.jsonl:2: " + problem, refused(files(DRAWN + wrong, SCORED) + 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "\"264\":{\"logprob\":-0.25 | \"265\":{\"logprob\":-0.25 | \"response.body.choices[].prompt_logprobs[2]\" says nothing of token 264",
        "[7,311,264] | [7,311] | \"response.body.choices[].prompt_logprobs\" has 3 entries, not one for each of the 2 tokens of the prompt",
        "\"rank\":2 | \"rank\":0 | \"response.body.choices[0].prompt_logprobs[1].311.rank\" is 0, not at least 1",
        "\"311\" | \"a\" | \"response.body.choices[0].prompt_logprobs[1].a\" is an object, under \"a\", which is no token id",
      })
  void aWrongScoringIsNamed(String from, String to, String problem) throws IOException {
    assertEquals("d.jsonl:1: " + problem, refused(files(DRAWN, SCORED.replace(from, to)) + 1));
  }

  @Test
  void ranksThatAreNotSaidMatterAtTemperatureZeroAlone() throws IOException {
    String unranked = SCORED.replaceAll(",\"rank\":\\d", "");
    assertEquals(
        null, imported(files(DRAWN, unranked) + 1).sequences().get(0).drafts().get(0).rank());
    assertTrue(refused(files(DRAWN, unranked) + 0).endsWith("ask for \"prompt_logprobs\":0"));
    assertTrue(
        Cli.run(
                "replay",
                folder.resolve("trace.jsonl").toString(),
                "--rule",
                "greedy-draft",
                "--cost-ratio",
                "0.1")
            .err()
            .contains("rank"));
  }

  @Test
  void aDraftOfHeadsIsRefused() throws IOException {
    assertTrue(
        refused(files(DRAWN, SCORED) + "1 --draft-kind depth")
            .contains("drafts of kind 'depth' also depend on the place in the block"));
  }

  @Test
  void theFormatIsRecognised() throws IOException {
    Imports imports =
        imported(
            files(
                        Files.readString(Imports.FIXTURES.resolve("vllm/greedy-target.jsonl")),
                        Files.readString(Imports.FIXTURES.resolve("vllm/greedy-draft.jsonl")))
                    .replace("--from vllm ", "")
                + 0);
    assertTrue(imports.notes().contains("taken to be of format 'vllm'"), imports.notes());
  }
}
