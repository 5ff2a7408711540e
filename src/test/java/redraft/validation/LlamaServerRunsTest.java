package redraft.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.hardware.Precision;

class LlamaServerRunsTest {
  private static final MeasuredRun.Setup SETUP =
      new MeasuredRun.Setup(
          "qwen2.5-7b",
          "qwen2.5-0.5b",
          "rtx-4090",
          "llama.cpp-cuda",
          Precision.INT4,
          Precision.INT8);

  @TempDir Path folder;

  private static String answer(int cached, int prompt, int predicted, double ms, String draft) {
    return "{\"content\":\"…\",\"timings\":{\"cache_n\":"
        + cached
        + ",\"prompt_n\":"
        + prompt
        + ",\"prompt_ms\":9.5,\"predicted_n\":"
        + predicted
        + ",\"predicted_ms\":"
        + ms
        + draft
        + "},\"tokens_cached\":1}";
  }

  private static String plain(int prompt, int predicted, double ms) {
    return answer(0, prompt, predicted, ms, "");
  }

  private static String drafted(
      int cached, int prompt, int predicted, double ms, int drafted, int accepted) {
    String draft = ",\"draft_n\":" + drafted + ",\"draft_n_accepted\":" + accepted;
    return answer(cached, prompt, predicted, ms, draft);
  }

  private Path file(String name, String... lines) throws Exception {
    return Files.writeString(folder.resolve(name), String.join("\n", lines));
  }

  // Plain: 40 + 60 tokens after the first ones in 1000 ms. Speculative: the same in 400 ms, 60 of
  // them accepted, so 40 steps of 2.5 tokens that draft 116/40 = 2.9, or 3. Contexts are 10 + 20
  // and 30 + 30.
  @Test
  void timingsBecomeRunsWithoutTheFirstTokenWhichNoStepMakes() throws Exception {
    Path plain = file("plain.jsonl", plain(10, 41, 400), plain(30, 61, 600), "");
    Path fast = file("k3.jsonl", drafted(25, 5, 61, 250, 66, 38), drafted(0, 10, 41, 150, 50, 22));
    List<MeasuredRun> runs = LlamaServerRuns.read(List.of(plain, fast), SETUP);
    assertEquals(1, runs.size());
    assertEquals("k3.jsonl", runs.get(0).id());
    assertEquals(new MeasuredRun.Load(1, 45, 3), runs.get(0).load());
    MeasuredRun.Measured measured = runs.get(0).measured();
    assertEquals(2.5, measured.tokensPerStep(), 1e-12);
    assertEquals(10, measured.plainMs(), 1e-12);
    assertEquals(4, measured.ms(), 1e-12);
    assertEquals(2.5, measured.speedup(), 1e-12);
  }

  private void refused(String message, Path... files) {
    Exception refusal =
        assertThrows(RuntimeException.class, () -> LlamaServerRuns.read(List.of(files), SETUP));
    assertEquals(message, refusal.getMessage().replace(folder + "/", ""));
  }

  @Test
  void runsThatCannotBeComparedAreRefused() throws Exception {
    Path plain = file("p.jsonl", plain(10, 41, 400));
    refused(
        "no answer in [p.jsonl] has \"draft_n\": give those of a server that speculates too",
        plain);
    refused(
        "k.jsonl speculates on 1 prompt with 10 tokens in all, plain answers (no \"draft_n\") are of 0 prompts with"
            + " 0 tokens in all; give plain and speculative answers to the same prompts, each once in a file",
        file("k.jsonl", drafted(0, 10, 41, 150, 50, 22)));
    refused(
        "k.jsonl speculates on 1 prompt with 12 tokens in all, plain answers (no \"draft_n\") are of 1 prompt with"
            + " 10 tokens in all; give plain and speculative answers to the same prompts, each once in a file",
        plain,
        file("k.jsonl", drafted(0, 12, 41, 150, 50, 22)));
    refused(
        "k.jsonl: no request generated more than its first token, which is no step; ask for more",
        file("q.jsonl", plain(10, 1, .001)),
        file("k.jsonl", drafted(0, 10, 1, .001, 3, 0)));
  }

  @Test
  void linesThatAreNoAnswersAreNamed() throws Exception {
    refused(
        "k.jsonl:2: \"timings\" is missing: a line is a whole answer of llama-server, not streamed",
        file("k.jsonl", plain(1, 2, 3), "{\"content\":\"\"}"));
    refused(
        "k.jsonl:1: \"timings.predicted_n\" is missing",
        file("k.jsonl", plain(1, 2, 3).replace("predicted_n", "predicted")));
    refused(
        "k.jsonl:1: \"timings.draft_n\" is -1, not a whole number of at least 0",
        file("k.jsonl", drafted(0, 1, 2, 3, -1, 0)));
    refused(
        "k.jsonl:1: \"timings.predicted_ms\" is 0.0, not a number above 0",
        file("k.jsonl", plain(1, 2, 0)));
    refused(
        "k.jsonl:1: \"timings.draft_n_accepted\" is 9, not at most \"draft_n\" (12) and below \"predicted_n\" − 1 (9)",
        file("k.jsonl", drafted(0, 1, 10, 3, 12, 9)));
  }
}
