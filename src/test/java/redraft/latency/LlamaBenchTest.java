package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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

  private static MeasuredProfile read(Path file, String... settings) throws Exception {
    return LlamaBench.read(
            List.of(file), "bench", new LlamaBench.Choice(null, null, List.of(settings)))
        .profile();
  }

  /** The same test under another value of a field. */
  private static String with(String test, String field, String value) {
    return "{\"" + field + "\":" + value + "," + test.substring(1);
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
            test("m/draft.gguf", 100, 2, 0, 0, 800),
            test("m/target.gguf", 8000, 4096, 0, 0, 5000), // several passes: no time of one
            test("m/target.gguf", 8000, 512, 128, 0, 700)); // prompt and generation mixed
    MeasuredProfile profile = read(file);
    assertEquals("target.gguf", profile.targetModel());
    assertEquals("draft.gguf", profile.draftModel());
    assertEquals(20, profile.targetPass(1, 1, 16), 1e-9); // halfway through the 32 tokens
    assertEquals(25, profile.targetPass(1, 1, 1016), 1e-9);
    assertEquals(40, profile.targetPass(1, 4, 0), 1e-9);
    assertEquals(45, profile.targetPass(1, 4, 500), 1e-9);
    assertEquals(2, profile.draftPass(1, 1, 700), 1e-9);
    assertEquals(4, profile.target().maxRows());
    assertEquals(18, profile.target().curves().get(0).lowMs()[0], 1e-9); // ± 10%
  }

  // 6372.359844 tokens a second in passes of 8 after 128; 2834.664354 passes of one in 128 … 143
  @Test
  void whatLlamaBenchItselfWroteIsReadAtEveryDepth() throws Exception {
    MeasuredProfile profile = read(Path.of("src/test/resources/redraft/gguf/llama-bench.json"));
    assertEquals("target.gguf", profile.targetModel());
    assertEquals("draft.gguf", profile.draftModel());
    assertEquals(8000 / 6372.359844, profile.targetPass(1, 8, 128), 1e-9);
    assertEquals(1000 / 2834.664354, profile.targetPass(1, 1, 136), 1e-9);
    assertEquals(2000 / 28313.95628, profile.draftPass(1, 2, 0), 1e-9);
    List<int[]> contexts =
        profile.target().curves().stream().map(PassTimes.Curve::contexts).toList();
    assertArrayEquals(
        new int[][] {{8, 136}, {0, 128}, {0, 128}, {0, 128}}, contexts.toArray(int[][]::new));
  }

  @Test
  void oneDepthHoldsForEveryContext() throws Exception {
    Path file =
        file(
            test("t", 9, 0, 8, 0, 10),
            test("t", 9, 2, 0, 0, 15),
            test("d", 1, 0, 8, 0, 100),
            test("d", 1, 2, 0, 0, 150));
    assertEquals(100, read(file).targetPass(1, 1, 100_000), 1e-9);
  }

  @Test
  void modelsOfTheSameFileNameAreCalledByTheirPaths() throws Exception {
    Path file =
        file(
            test("8b/model.gguf", 9, 0, 8, 0, 10),
            test("8b/model.gguf", 9, 2, 0, 0, 15),
            test("1b\\\\model.gguf", 1, 0, 8, 0, 100),
            test("1b\\\\model.gguf", 1, 2, 0, 0, 150));
    assertEquals("8b/model.gguf", read(file).targetModel());
    assertEquals("1b\\model.gguf", read(file).draftModel());
  }

  @Test
  void linesOfJsonAreReadToo() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("bench.jsonl"),
            String.join(
                "\n",
                test("t", 9, 0, 8, 0, 10),
                test("t", 9, 2, 0, 0, 15),
                test("d", 1, 0, 8, 0, 100),
                test("d", 1, 2, 0, 0, 150)));
    assertEquals("t", read(file).targetModel());
  }

  private String refusal(String target, String draft, String... tests) throws Exception {
    Path file = file(tests);
    return assertThrows(
            IllegalArgumentException.class,
            () ->
                LlamaBench.read(
                    List.of(file), "b", new LlamaBench.Choice(target, draft, List.of())))
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

  private static final String T1 = test("t.gguf", 9, 0, 8, 0, 10);
  private static final String T4 = test("t.gguf", 9, 4, 0, 0, 30);
  private static final String D1 = test("d.gguf", 1, 0, 8, 0, 100);
  private static final String D2 = test("d.gguf", 1, 2, 0, 0, 160);

  @Test
  void aProfileThatGivesNoStepACostIsRefusedWithTheCommandThatMeasuresTheRest() throws Exception {
    assertTrue(
        refusal(null, null, T1, T4, D1)
            .endsWith("llama-bench -m d.gguf -p 2,4,8,16 -n 0 -ub 512 -o json"));
    assertTrue(
        refusal(null, null, T1, D1, D2)
            .startsWith(
                "llama-bench timed no pass of two tokens or more of 't.gguf', as a verification is"));
    String deep =
        with(with(test("d.gguf", 1, 0, 8, 1024, 90), "n_threads", "8"), "flash_attn", "true");
    assertTrue(
        refusal(null, null, T1, T4, deep)
            .endsWith("-m d.gguf -p 2,4,8,16 -n 0 -d 1024 -t 8 -ub 512 -fa 1 -o json"));
  }

  // 10 tokens a second with 4 threads, 20 with 8; the draft ran with 4 only.
  @Test
  void configurationsAreKeptApart() throws Exception {
    Path file =
        file(
            with(T1, "n_threads", "4"),
            with(T4, "n_threads", "4"),
            with(test("t.gguf", 9, 0, 8, 0, 20), "n_threads", "8"),
            with(test("t.gguf", 9, 4, 0, 0, 50), "n_threads", "8"),
            with(D1, "n_threads", "4"),
            with(D2, "n_threads", "4"));
    String refused = assertThrows(IllegalArgumentException.class, () -> read(file)).getMessage();
    assertEquals(
        "'t.gguf' was measured in 2 configurations: n_threads=4; n_threads=8 (choose with --setting"
            + " target.n_threads=..., or without 'target.' for both models)",
        refused);
    assertEquals(100, read(file, "n_threads=4").targetPass(1, 1, 4), 1e-9);
    assertEquals(50, read(file, "target.n_threads=8").targetPass(1, 1, 4), 1e-9);
    assertEquals(80, read(file, "target.n_threads=8").targetPass(1, 4, 4), 1e-9);
    LlamaBench imported =
        LlamaBench.read(
            List.of(file), "b", new LlamaBench.Choice(null, null, List.of("target.n_threads=8")));
    assertEquals("t.gguf: build_number=5163 n_threads=8", imported.target());
    assertEquals("d.gguf: build_number=5163 n_threads=4", imported.draft());
  }

  @Test
  void settingsThatFitNothingAreRefused() throws Exception {
    Path file = file(with(T1, "n_threads", "4"), T4, D1, D2);
    for (String[] each :
        new String[][] {
          {"n_threads", "'n_threads' is not FIELD=VALUE"},
          {
            "target.threads=4",
            "have no field 'threads'; they have build_number, model_n_params, n_threads"
          },
          {"target.n_threads=2", "'t.gguf' was measured with n_threads=, n_threads=4"}
        }) {
      String refused =
          assertThrows(IllegalArgumentException.class, () -> read(file, each[0])).getMessage();
      assertTrue(refused.contains(each[1]), refused);
    }
  }

  // Three repetitions of 8, 10 and 12 tokens a second, and one of 14: average 11, sample deviation
  // √((9 + 1 + 1 + 9)/3) = 2.582.
  @Test
  void testsOfTheSameShapeAndConfigurationArePooledAsRepetitions() throws Exception {
    String three =
        T1.replace("\"samples_ts\":[1.0]", "\"samples_ts\":[8,10,12]")
            .replaceFirst("\"stddev_ts\":[0-9.]+", "\"stddev_ts\":2");
    String one =
        test("t.gguf", 9, 0, 8, 0, 14).replaceFirst("\"stddev_ts\":[0-9.]+", "\"stddev_ts\":0");
    for (String[] order : new String[][] {{three, one}, {one, three}}) {
      PassTimes.Curve curve = read(file(order[0], order[1], T4, D1, D2)).target().curves().get(0);
      assertEquals(1000 / 11.0, curve.ms()[0], 1e-9);
      assertEquals(1000 / 11.0 * (1 + Math.sqrt(20 / 3.0) / 11), curve.highMs()[0], 1e-9);
    }
  }
}
