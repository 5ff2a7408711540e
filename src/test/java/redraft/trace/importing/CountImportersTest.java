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
import redraft.trace.DraftKind;
import redraft.trace.Grade;
import redraft.trace.importing.MeasuredImports.Imported;
import redraft.trace.importing.TraceImporter.Schedule;

/** Imports of what was counted over all steps. */
class CountImportersTest {
  @TempDir Path folder;

  private String refusal(String format, String text) {
    return assertThrows(RuntimeException.class, () -> text(format, settings(), folder, text))
        .getMessage();
  }

  private static String read(String fixture) throws IOException {
    return Files.readString(fixture(fixture));
  }

  /** Of the twelve answers: steps that accepted at least 1, 2, 3, 4 of 188. */
  private static final double[] TWELVE = {184 / 188.0, 125 / 188.0, 122 / 188.0, 98 / 188.0};

  @Test
  void theDifferenceOfTwoScrapesIsWhatTheAnswersBetweenThemSay() throws IOException {
    Imported counted =
        convert(
            "prometheus",
            settings(),
            folder,
            fixture("vllm/before.prom"),
            fixture("vllm/after.prom"));
    assertEquals(Grade.HISTOGRAM, counted.header().grade());
    assertEquals("vllm", counted.header().source());
    assertEquals(4, counted.draft().depth());
    assertArrayEquals(TWELVE, counted.of(0).survival(), 1e-12);
    assertEquals(MeasuredTraces.TEXT, counted.sequences().get(0).length());
    assertEquals(5, counted.sequences().get(0).promptTokens().length);
    assertTrue(
        counted.notes().toString().contains("steps drafted 2.99 tokens on average, not 4"),
        counted.notes().toString());
    // 188 steps and their sums, from the answers themselves
    double steps = 0;
    double[] reached = new double[4];
    Imported answers = convert("vllm-metrics", settings(), folder, fixture("vllm/responses.jsonl"));
    for (int i = 0; i < answers.sequences().size(); i++) {
      for (int accepted : answers.of(i).coins().accepted()) {
        steps++;
        for (int k = 0; k < accepted; k++) {
          reached[k]++;
        }
      }
    }
    for (int k = 0; k < 4; k++) {
      assertEquals(TWELVE[k], reached[k] / steps, 1e-12);
    }
  }

  @Test
  void sglangCountsTheSameSteps() throws IOException {
    Imported counted =
        convert("sglang-metrics", settings(), folder, fixture("sglang/responses.jsonl"));
    assertArrayEquals(TWELVE, counted.of(0).survival(), 1e-12);
    assertEquals("sglang", counted.header().source());
  }

  @Test
  void treesOfSglangNeedTheirDepth() throws IOException {
    String tree =
        "{\"meta_info\":{\"spec_verify_ct\":4,\"spec_num_correct_drafts\":4,\"spec_num_proposed_drafts\":28,"
            + "\"spec_correct_drafts_histogram\":[1,2,1]}}\n";
    Imported guessed = text("sglang-metrics", settings(), folder, tree);
    assertEquals(7, guessed.draft().depth());
    assertEquals(
        "steps proposed 7 tokens, and none accepted more than 2: if they were trees, name their depth with --drafted",
        guessed.notes().get(0));
    Imported named =
        text("sglang-metrics", settings(DraftKind.DEPTH, null, 3, Schedule.FIXED), folder, tree);
    assertArrayEquals(new double[] {0.75, 0.25, 0}, named.of(0).survival());
    assertEquals(
        "m.txt:1: \"meta_info.spec_correct_drafts_histogram\" makes 4 of \"meta_info.spec_num_correct_drafts\", which is 5",
        refusal("sglang-metrics", tree.replace("correct_drafts\":4", "correct_drafts\":5")));
    assertEquals(
        "m.txt:1: \"meta_info.spec_correct_drafts_histogram\" makes 4 of \"meta_info.spec_verify_ct\", which is 3",
        refusal("sglang-metrics", tree.replace("verify_ct\":4", "verify_ct\":3")));
    assertTrue(
        refusal("sglang-metrics", "{\"meta_info\":{}}\n").contains("says nothing of speculation"));
  }

  @Test
  void aLogAddsUpToNearlyTheSame() throws IOException {
    String log = read("vllm/server.log").replaceAll("(?m)^.* 23:39:.*\n", ""); // the benchmark
    Imported logged = text("engine-log", settings(), folder, log);
    // Another request came before the log was written: four steps that accepted nothing. Shares of
    // three digits know
    // 192 steps to 0.1%.
    double[] logs = {184 / 192.0, 125 / 192.0, 122 / 192.0, 98 / 192.0};
    assertArrayEquals(logs, logged.of(0).survival(), 1e-3);
  }

  @Test
  void aLogOfLlamaCppIsReadAtTraceLevel() throws IOException {
    // 40 steps that accepted at least 1, 2, 3: 34, 26, 16; 20 steps: 16, 9, 5
    double[] both = {50 / 60.0, 35 / 60.0, 21 / 60.0};
    Imported logged = convert("engine-log", settings(), folder, fixture("llama.cpp/server.log"));
    assertArrayEquals(both, logged.of(0).survival(), 1e-12);
    assertEquals("llama.cpp", logged.header().source());
    Imported counted = convert("prometheus", settings(), folder, fixture("llama.cpp/metrics.prom"));
    assertArrayEquals(both, counted.of(0).survival(), 1e-12);
    assertEquals(
        "m.txt says how many tokens were accepted, of all positions together: a mean has no shape; run llama-server"
            + " with -lv 4 for \"acc per pos\", or a newer vLLM",
        refusal(
            "engine-log", read("llama.cpp/server.log").replaceAll("(?m)^.*acc per pos.*\n", "")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "0.850, 0.650 | 0.650, 0.850 | m.txt:4: acceptance by position rises at 0.850",
        "0.850, 0.650 | 0.950, 0.650 | m.txt:4: acceptance by position adds up to 3 tokens a step, and the mean length is 2.9",
        "   76 accepted /   120 | 176 accepted / 120 | m.txt:4: 176 tokens were accepted of 120 drafted",
        "0.850 | 0.8.5 | m.txt:4: \"0.8.5\" is no number",
      })
  void aLogThatContradictsItselfIsRefused(String from, String to, String problem)
      throws IOException {
    assertEquals(problem, refusal("engine-log", read("llama.cpp/server.log").replace(from, to)));
  }

  @Test
  void aBenchmarkOfVllmIsInPercent() throws IOException {
    Imported bench = convert("vllm-bench", settings(), folder, fixture("vllm/bench.json"));
    double[] shares = bench.of(0).survival();
    assertEquals(0.9468085106382979, shares[0], 1e-12);
    assertEquals(0.5212765957446809, shares[3], 1e-12);
    String text = read("vllm/bench.json");
    assertEquals(
        "m.txt:1: \"spec_decode_acceptance_rate\" is 0.9103, and the counts beside it give 91.03448275862068 percent",
        refusal("vllm-bench", text.replaceAll("91\\.03448\\d+", "0.9103")));
    assertEquals(
        "m.txt:1: no \"spec_decode_per_position_acceptance_rates\": a mean has no shape; a newer vllm bench writes them",
        refusal(
            "vllm-bench",
            text.replaceAll(
                "per_position_acceptance_rates\": \\[[^]]*\\]",
                "per_position_acceptance_rates\": []")));
    assertTrue(
        refusal("vllm-bench", "{\"tokenizer_id\":\"a\"}\n").endsWith("did the server speculate?"));
    assertTrue(
        refusal("vllm-bench", text.replaceAll("\\[0\\.94\\d+, 0\\.68", "[0.58, 0.68"))
            .contains("steps accepted at least 2 tokens, and"));
  }

  private String twoScrapes(String before, String after) throws IOException {
    Path earlier = Files.writeString(folder.resolve("a.prom"), before);
    Path later = Files.writeString(folder.resolve("b.prom"), after);
    return assertThrows(
            IllegalArgumentException.class,
            () -> convert("prometheus", settings(), folder, earlier, later))
        .getMessage();
  }

  @Test
  void scrapesOfAServerThatBeganAnewAreRefused() throws IOException {
    String before = read("vllm/before.prom");
    String after = read("vllm/after.prom");
    assertEquals(
        "spec_decode_num_drafts fell from 188 in a.prom to 0 in b.prom: the server began anew between them, or"
            + " the later file comes first",
        twoScrapes(after, before));
    assertEquals(
        "no step drafted anything while it was counted, so there is nothing to replay",
        twoScrapes(after, after));
    assertTrue(twoScrapes(read("llama.cpp/metrics.prom"), after).contains("is of llamacpp"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "position=\"1\"} 35 | position=\"1\"} 55 | the counts contradict each other, so they are not of one run: 55 steps accepted at least 2 tokens, and 50 at least 1",
        "position=\"0\"} 50 | position=\"0\"} 70 | the counts contradict each other, so they are not of one run: 70 steps accepted at least 1 tokens, and 60 were taken",
        "tokens_total 106 | tokens_total 90 | the counts contradict each other, so they are not of one run: the positions add up to 106 accepted tokens, and 90 were counted",
        "tokens_total 106 | tokens_total 190 | the counts contradict each other, so they are not of one run: 190 tokens were accepted of 180 drafted",
        "draft_tokens_total 180 | draft_tokens_total 240 | the counts contradict each other, so they are not of one run: 240 tokens were drafted in 60 steps of at most 3",
        "num_drafts_total 60 | num_drafts_total x | m.txt:12: \"x\" is no count",
        "num_drafts_total 60 | num_drifts_total 60 | m.txt lacks the counter llamacpp:spec_decode_num_drafts_total",
        "position=\"1\" | position=\"5\" | m.txt has positions [0, 2, 5], not all from 0 on",
        "{position=\"1\"} | {} | m.txt:16: \"spec_decode_num_accepted_tokens_per_pos\" has no label \"position\"",
        "_per_pos | _by_pos | m.txt counts accepted tokens of all positions together: a mean has no shape; llamacpp:spec_decode_num_accepted_tokens_per_pos_total is needed, which newer servers have",
        "llamacpp:spec_decode_num | vllm:diffusion_num | m.txt counts denoising steps of a diffusion model (vllm:diffusion_num_…), which drafts and verifies nothing",
        "spec_decode | spec | m.txt has no counter spec_decode_num_… of vllm or llamacpp: did the server speculate?",
      })
  void countersThatContradictEachOtherOrSayTooLittleAreRefused(
      String from, String to, String problem) throws IOException {
    assertEquals(problem, refusal("prometheus", read("llama.cpp/metrics.prom").replace(from, to)));
  }

  @Test
  void enginesOfOneModelAddUpAndModelsDoNot() throws IOException {
    String one = read("vllm/after.prom");
    Imported two =
        text("prometheus", settings(), folder, one + one.replace("engine=\"0\"", "engine=\"1\""));
    assertArrayEquals(TWELVE, two.of(0).survival(), 1e-12);
    assertTrue(two.notes().get(0).startsWith("376 steps"), two.notes().get(0));
    assertEquals(
        "m.txt has counters of several models: big, other; keep the lines of one",
        refusal("prometheus", one + one.replace("\"big\"", "\"other\"")));
  }
}
