package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LlamaBenchTest {
  @TempDir Path folder;

  private static String test(
      String model, long parameters, int prompt, int generated, int depth, double perSecond) {
    return String.format(
        java.util.Locale.ROOT,
        "{\"build_number\":5163,\"model_filename\":\"%s\",\"model_n_params\":%d,\"n_ubatch\":512,\"n_prompt\":%d,"
            + "\"n_gen\":%d,\"n_depth\":%d,\"avg_ns\":1,\"avg_ts\":%s,\"stddev_ts\":%s,\"samples_ts\":[1.0]}",
        model,
        parameters,
        prompt,
        generated,
        depth,
        perSecond,
        perSecond / 10);
  }

  private Path file(String... tests) throws Exception {
    return Files.writeString(folder.resolve("bench.json"), "[" + String.join(",\n", tests) + "]\n");
  }

  // 50 tokens a second are 20 ms a pass; 4 rows at 100 tokens a second are 40 ms.
  @Test
  void tokensASecondBecomePassTimes() throws Exception {
    Path file =
        file(
            test("m/target.gguf", 8000, 0, 32, 0, 50),
            test("m/target.gguf", 8000, 4, 0, 0, 100),
            test("m/target.gguf", 8000, 0, 32, 1000, 40),
            test("m/target.gguf", 8000, 4, 0, 1000, 80),
            test("m/draft.gguf", 100, 0, 32, 0, 500),
            test("m/draft.gguf", 100, 0, 32, 1000, 500),
            test("m/target.gguf", 8000, 4096, 0, 0, 5000), // several passes: no time of one
            test("m/target.gguf", 8000, 512, 128, 0, 700)); // prompt and generation mixed
    MeasuredProfile profile = LlamaBench.read(List.of(file), "bench", null, null);
    assertEquals("m/target.gguf", profile.targetModel());
    assertEquals("m/draft.gguf", profile.draftModel());
    assertEquals(20, profile.targetPass(1, 1, 16), 1e-9); // halfway through the 32 tokens
    assertEquals(25, profile.targetPass(1, 1, 1016), 1e-9);
    assertEquals(40, profile.targetPass(1, 4, 0), 1e-9);
    assertEquals(45, profile.targetPass(1, 4, 500), 1e-9);
    assertEquals(2, profile.draftPass(1, 1, 700), 1e-9);
    assertEquals(4, profile.target().maxRows());
    assertEquals(18, profile.target().curves().get(0).lowMs()[0], 1e-9); // ± 10%
  }

  @Test
  void oneDepthHoldsForEveryContext() throws Exception {
    Path file = file(test("t", 9, 0, 8, 0, 10), test("d", 1, 0, 8, 0, 100));
    assertEquals(
        100, LlamaBench.read(List.of(file), "b", null, null).targetPass(1, 1, 100_000), 1e-9);
  }

  @Test
  void linesOfJsonAreReadToo() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("bench.jsonl"),
            test("t", 9, 0, 8, 0, 10) + "\n" + test("d", 1, 0, 8, 0, 100) + "\n");
    assertEquals("t", LlamaBench.read(List.of(file), "b", null, null).targetModel());
  }

  private String refusal(String target, String draft, String... tests) throws Exception {
    Path file = file(tests);
    return assertThrows(
            IllegalArgumentException.class,
            () -> LlamaBench.read(List.of(file), "b", target, draft))
        .getMessage();
  }

  @Test
  void whatIsMissingIsSaid() throws Exception {
    String t = test("t.gguf", 9, 0, 8, 0, 10);
    String d = test("d.gguf", 1, 0, 8, 0, 100);
    assertTrue(refusal(null, null, t).contains("hold t.gguf; run llama-bench with both"));
    assertTrue(
        refusal(null, null, t, d, test("e.gguf", 2, 0, 8, 0, 9))
            .endsWith("say which with --target-model and --draft-model"));
    assertTrue(refusal("gguf", "d", t, d).startsWith("'gguf' names 2 of the measured models"));
    assertTrue(
        refusal(null, null, d, test("t.gguf", 9, 4, 0, 0, 10))
            .startsWith("llama-bench timed no pass of one token of 't.gguf'"));
    assertTrue(refusal(null, null, t, "{\"n_prompt\":\"4\"}").contains("\"n_prompt\" is \"4\""));
    assertTrue(refusal(null, null, t, "{").contains("bench.json:"));
  }
}
