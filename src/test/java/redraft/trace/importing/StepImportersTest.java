package redraft.trace.importing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static redraft.trace.importing.MeasuredImports.convert;
import static redraft.trace.importing.MeasuredImports.fixture;
import static redraft.trace.importing.MeasuredImports.settings;
import static redraft.trace.importing.MeasuredImports.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.json.LineSource;
import redraft.trace.DraftKind;
import redraft.trace.Grade;
import redraft.trace.TraceSequence.Coins;
import redraft.trace.importing.MeasuredImports.Imported;
import redraft.trace.importing.TraceImporter.Schedule;
import redraft.trace.importing.TraceImporter.Settings;

/** Imports of steps that are known one by one. */
class StepImportersTest {
  private static final Settings THREE = settings(DraftKind.PREFIX, null, 3, Schedule.FIXED);
  private static final Settings FROM_FIVE =
      settings(DraftKind.PREFIX, null, null, Schedule.HEURISTIC);
  private static final String ANSWER =
      "{\"question_id\":81,\"category\":\"writing\",\"choices\":[{\"index\":0,\"turns\":[\"a\",\"b\"],"
          + "\"decoding_steps\":[2,1],\"accept_lengths\":[4,1,2]}]}\n";

  @TempDir Path folder;

  private String refusal(String format, Settings settings, String text) {
    return assertThrows(RuntimeException.class, () -> text(format, settings, folder, text))
        .getMessage();
  }

  @Test
  void aTurnOfSpecBenchIsATextAndAStepKeepsOneFewerThanItEmits() throws IOException {
    Imported imported = text("spec-bench", THREE, folder, ANSWER);
    assertEquals(Grade.COINS, imported.header().grade());
    assertEquals("spec-bench", imported.header().source());
    assertEquals("greedy-draft", imported.draft().rule());
    assertEquals(0, imported.header().sampling().temperature());
    assertEquals(2, imported.sequences().size());
    assertEquals("81", imported.sequences().get(1).id());
    assertEquals(1, imported.sequences().get(1).sample());
    assertEquals("writing", imported.sequences().get(0).domain());
    assertEquals(5, imported.sequences().get(0).length()); // 4 + 1
    assertEquals(0, imported.sequences().get(0).decodeFrom());
    assertArrayEquals(new int[] {3, 0}, imported.of(0).coins().accepted());
    assertArrayEquals(new int[] {3, 3}, imported.of(0).coins().drafted());
    assertArrayEquals(new int[] {1}, imported.of(1).coins().accepted());
    // Place 1 was tested by three steps and kept twice; it is the one tested most.
    assertEquals(2.0 / 3, imported.draft().untested(), 1e-15);
  }

  @Test
  void huggingFacesScheduleIsWorkedOutAnewForEachText() throws IOException {
    // 5 drafted and 5 kept: 7; 2 of 7 kept: 6; 6 of 6 kept: 8; none kept: 7.
    Imported imported =
        text(
            "spec-bench",
            FROM_FIVE,
            folder,
            ANSWER.replace("[4,1,2]", "[6,3,7,1,1,6]").replace("[2,1]", "[5,1]"));
    assertArrayEquals(new int[] {5, 7, 6, 8, 7}, imported.of(0).coins().drafted());
    assertArrayEquals(new int[] {5}, imported.of(1).coins().drafted());
    Settings fromOne = settings(DraftKind.PREFIX, null, 1, Schedule.HEURISTIC);
    Imported low = text("spec-bench", fromOne, folder, ANSWER.replace("[4,1,2]", "[1,1,2]"));
    assertArrayEquals(new int[] {1, 1}, low.of(0).coins().drafted()); // never below 1
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "[4,1,2] | [5,1,2] | m.txt:1: a step emitted 5 tokens, and one that drafts 3 emits at most 4; name more with --drafted",
        "[4,1,2] | [0,1,2] | m.txt:1: \"accept_lengths[0]\" is 0, not from 1 to 1001",
        "[4,1,2] | [] | m.txt:1: \"accept_lengths\" is empty: no step was measured",
        "[4,1,2] | [1.5] | m.txt:1: \"choices[0].accept_lengths[0]\" is 1.5, not a whole number",
        "[2,1] | [2,2] | m.txt:1: \"decoding_steps\" [2, 2] are not those of \"accept_lengths\", which has 3 entries",
        "[2,1] | [1,1] | m.txt:1: \"decoding_steps\" add up to 2, \"accept_lengths\" has 3 entries",
        "accept_lengths | idxs | m.txt:1: \"choices[0].accept_lengths\" is missing",
        "writing | | m.txt:1: \"category\" is empty",
        "writing | all | m.txt:1: \"category\" is \"all\", which is that of all together",
        "question_id | id | m.txt:1: \"question_id\" is missing",
      })
  void aWrongAnswerIsNamed(String from, String to, String problem) {
    assertEquals(problem, refusal("spec-bench", THREE, ANSWER.replace(from, to == null ? "" : to)));
  }

  @Test
  void whatFollowsFromNoFileIsAskedFor() {
    assertEquals(
        "format 'spec-bench' does not say how many tokens a step drafted; name them with --drafted K, or --schedule heuristic",
        refusal("spec-bench", settings(), ANSWER));
    assertEquals(
        "m.txt:2: \"question_id\" 81 comes twice", refusal("spec-bench", THREE, ANSWER + ANSWER));
    assertEquals("m.txt:1: the file is empty", refusal("spec-bench", THREE, ""));
    assertEquals(
        "m.txt:1: a step emitted 4 tokens, and one that drafts 2 emits at most 3; the schedule was another",
        refusal("spec-bench", settings(DraftKind.PREFIX, null, 2, Schedule.HEURISTIC), ANSWER));
    assertTrue(
        refusal("spec-bench", settings(DraftKind.PREFIX, "block", 3, Schedule.FIXED), ANSWER)
            .startsWith("rule 'block' keeps tokens together"));
  }

  @Test
  void aDraftThatKnowsItsPlaceIsNoted() throws IOException {
    Settings eagle = settings(DraftKind.DEPTH, "token", 3, Schedule.FIXED);
    Imported imported = text("spec-bench", eagle, folder, ANSWER);
    assertEquals(DraftKind.DEPTH, imported.draft().kind());
    assertEquals("token", imported.draft().rule());
    assertTrue(
        imported.notes().toString().contains("at another draft length than that of the run is an"),
        imported.notes().toString());
  }

  @Test
  void answersOfVllmAreTextsAfterTheFirstTokenOfThePrefill() throws IOException {
    Imported imported =
        convert("vllm-metrics", settings(), folder, fixture("vllm/responses.jsonl"));
    assertEquals(12, imported.sequences().size());
    assertEquals("vllm", imported.header().source());
    assertEquals("greedy-draft", imported.draft().rule());
    Coins first = imported.of(0).coins();
    assertArrayEquals(
        new int[] {1, 1, 3, 1, 1, 1, 3, 4, 4, 4, 4, 3, 1, 1, 3, 4, 4}, first.accepted());
    assertArrayEquals(
        new int[] {1, 1, 3, 4, 1, 1, 3, 4, 4, 4, 4, 4, 1, 1, 3, 4, 4}, first.drafted());
    assertEquals(1, imported.sequences().get(0).decodeFrom());
    assertEquals(60, imported.sequences().get(0).length());
    assertEquals(11, imported.sequences().get(0).promptTokens().length);
    assertTrue(
        imported
            .notes()
            .contains(
                "4 of 708 decoded tokens came from steps that drafted nothing, of which the file does not say where"
                    + " they were; they are left out, so tokens per step is that of the steps that drafted"),
        imported.notes().toString());
    assertTrue(
        imported.notes().toString().contains("steps drafted 2.99 tokens on average, and up to 4"));
  }

  @Test
  void aiperfKeepsTheSameStepsButThoseOfItsWarmUp() throws IOException {
    Imported vllm = convert("vllm-metrics", settings(), folder, fixture("vllm/responses.jsonl"));
    Imported aiperf = convert("aiperf", settings(), folder, fixture("aiperf/profile_export.jsonl"));
    assertEquals(10, aiperf.sequences().size());
    assertEquals("req-1", aiperf.sequences().get(0).id());
    assertArrayEquals(vllm.of(1).coins().accepted(), aiperf.of(0).coins().accepted());
    assertArrayEquals(vllm.of(11).coins().drafted(), aiperf.of(9).coins().drafted());
    assertEquals(vllm.sequences().get(1).length(), aiperf.sequences().get(0).length());
    assertEquals(10, aiperf.sequences().get(0).promptTokens().length);
    assertEquals(
        "2 of 12 lines were passed over: sent to warm the server up", aiperf.notes().get(0));
  }

  @Test
  void placesOfAiperfAreNumbers() throws IOException {
    String export =
        Files.readString(fixture("aiperf/profile_export.jsonl"))
            .replace("\"acceptance_histogram\":{\"1\"", "\"acceptance_histogram\":{\"x\"");
    assertEquals(
        "m.txt:1: \"spec_decode_acceptance.acceptance_histogram\" has a field \"x\", which is no number of accepted"
            + " tokens from 0 to 1000",
        refusal("aiperf", settings(), export));
  }

  private static final String RESPONSE =
      "{\"id\":\"a\",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5},\"metrics\":{\"speculative_decoding\":"
          + "{\"mean_acceptance_length\":2.5,\"draft_acceptance_rate\":0.5,\"acceptance_histogram\":[1,0,0,1],"
          + "\"num_spec_steps\":2,\"num_accepted_draft_tokens\":3,\"num_draft_tokens\":6,\"num_spec_tokens\":3,"
          + "\"per_step_accepted\":[3,0],\"per_step_drafted\":[3,3]}}}\n";

  @Test
  void stepsPastTheEndOfATextAreLeftOut() throws IOException {
    // The prefill's token and a step of 4 are all 5 tokens: the second step began past the end.
    Imported imported = text("vllm-metrics", settings(), folder, RESPONSE);
    assertArrayEquals(new int[] {3}, imported.of(0).coins().accepted());
    // Without the number of tokens all that was committed is kept: 1 + 4 + 1.
    Imported unknown =
        text(
            "vllm-metrics",
            settings(),
            folder,
            RESPONSE.replace("\"completion_tokens\":5", "\"completion_tokens\":null"));
    assertEquals(6, unknown.sequences().get(0).length());
  }

  @Test
  void runBatchWrapsResponses() throws IOException {
    Imported imported =
        text(
            "vllm-metrics",
            settings(),
            folder,
            "{\"id\":\"vllm-1\",\"custom_id\":\"q7\",\"response\":{\"status_code\":200,\"body\":"
                + RESPONSE.strip()
                + "},\"error\":null}\n");
    assertEquals("q7", imported.sequences().get(0).id());
    assertArrayEquals(new int[] {3}, imported.of(0).coins().accepted());
  }

  @Test
  void aSummaryIsAHistogram() throws IOException {
    Imported imported =
        text(
            "vllm-metrics",
            settings(),
            folder,
            RESPONSE.replaceAll(",\"per_step_accepted.*?\\],\"per_step_drafted\":\\[3,3\\]", ""));
    assertEquals(Grade.HISTOGRAM, imported.header().grade());
    assertArrayEquals(new double[] {0.5, 0.5, 0.5}, imported.of(0).survival());
    assertTrue(
        imported.notes().get(0).contains("--per-request-spec-decode-metrics detailed"),
        imported.notes().toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "[1,0,0,1] | [2,0,0,1] | .acceptance_histogram\" adds up to 3, \"num_spec_steps\" is 2",
        "[1,0,0,1] | [1,0,1,0] | .acceptance_histogram, weighted by its places,\" adds up to 2, \"num_accepted_draft_tokens\" is 3",
        "[1,0,0,1] | [1,0,0,1,0] | .acceptance_histogram\" reaches 4 accepted tokens, and steps draft 3 (\"num_spec_tokens\")",
        "[1,0,0,1] | {\"0\":1,\"3\":1} | .acceptance_histogram\" is an object, not a list",
        "[1,0,0,1] | null | .acceptance_histogram\" is null",
        "[1,0,0,1] | [-1,0,0,1] | .acceptance_histogram[0]\" is -1, not a count",
        "\"num_draft_tokens\":6 | \"num_draft_tokens\":2 | .num_accepted_draft_tokens\" is 3, more than \"num_draft_tokens\", 2",
        "\"num_draft_tokens\":6 | \"num_draft_tokens\":7 | .per_step_drafted\" adds up to 6, \"num_draft_tokens\" is 7",
        "[3,0] | [2,1] | .per_step_accepted[0]\" is 2, FINE",
        "[3,0] | [3] | .per_step_accepted\" has 1 entries, \"num_spec_steps\" is 2",
        "[3,0] | [3,1] | .per_step_accepted\" adds up to 4, \"num_accepted_draft_tokens\" is 3",
        "[3,3] | [2,4] | .per_step_accepted[0]\" is 3, not from 0 to the 2 drafted",
        "num_spec_steps | num_steps | .num_spec_steps\" is missing",
      })
  void countsOfTheSameStepsThatContradictEachOtherAreRefused(String from, String to, String problem)
      throws IOException {
    String wrong = RESPONSE.replace(from, to);
    if (problem.endsWith("FINE")) { // the same sums: nothing contradicts them
      assertEquals(1, text("vllm-metrics", settings(), folder, wrong).sequences().size());
      return;
    }
    assertEquals(
        "m.txt:1: \"metrics.speculative_decoding" + problem,
        refusal("vllm-metrics", settings(), wrong));
  }

  @Test
  void filesWithoutSpeculationSayWhatWouldHelp() throws IOException {
    String plain = "{\"id\":\"a\",\"usage\":{},\"metrics\":null}\n";
    assertEquals(
        "m.txt says nothing of speculation: no \"metrics.speculative_decoding\"; run vLLM with"
            + " --per-request-spec-decode-metrics detailed, and ask for one text a request",
        refusal("vllm-metrics", settings(), plain));
    assertEquals(
        "1 of 2 lines were passed over: no \"metrics.speculative_decoding\"",
        text("vllm-metrics", settings(), folder, plain + RESPONSE).notes().get(0));
    assertEquals(
        "m.txt:2: request \"a\" comes twice",
        refusal("vllm-metrics", settings(), RESPONSE + RESPONSE));
  }

  @Test
  void theDeepestPlaceThatWasTestedOftenStandsForWhatWasNot() {
    CoinTally tally = new CoinTally();
    for (int i = 0; i < 200; i++) { // place 1: 200 tests, 150 kept; place 2: 150, 90; place 3: 90
      int accepted = i < 50 ? 0 : i < 110 ? 1 : 3;
      tally.add(new Coins(new int[] {accepted}, new int[] {3}));
    }
    assertEquals(2, tally.place());
    assertEquals(90.0 / 150, tally.untested(), 1e-15);
    CoinTally few = new CoinTally();
    few.add(new Coins(new int[] {2, 0}, new int[] {2, 2}));
    assertEquals(1, few.place());
    assertEquals(0.5, few.untested(), 1e-15);
    CoinTally none = new CoinTally();
    none.add(new Coins(new int[] {0}, new int[] {0}));
    assertEquals(false, none.any());
  }

  @Test
  void fixturesAreRecognisedByHowTheyBegin() throws IOException {
    for (String[] known :
        new String[][] {
          {"vllm/responses.jsonl", "vllm-metrics"},
          {"aiperf/profile_export.jsonl", "aiperf"},
          {"sglang/responses.jsonl", "sglang-metrics"},
          {"vllm/after.prom", "prometheus"},
          {"llama.cpp/metrics.prom", "prometheus"},
          {"vllm/server.log", "engine-log"},
          {"llama.cpp/server.log", "engine-log"},
          {"vllm/bench.json", "vllm-bench"}
        }) {
      assertEquals(
          known[1], TraceImporters.recognise(LineSource.of(fixture(known[0])), false).name());
    }
    Path answers = Files.writeString(folder.resolve("a.jsonl"), ANSWER);
    assertEquals("spec-bench", TraceImporters.recognise(LineSource.of(answers), false).name());
  }
}
