package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files in the layout that vllm bench forward documents; none that it wrote was at hand. */
class VllmBenchForwardTest {
  @TempDir Path folder;

  /** So many requests of so many rows after so many tokens, all but the first row drafted. */
  private static String uniform(int requests, int rows, int context, double us) {
    String request =
        "{\"query_len\": "
            + rows
            + ", \"kv_len\": "
            + (context + rows)
            + ", \"num_draft_tokens\": "
            + (rows - 1)
            + ", \"chunked\": false}";
    return "{\"case\": \"c\", \"requests\": "
        + Collections.nCopies(requests, request)
        + ", \"median_us\": "
        + us
        + ", \"ranks\": [{\"num_tokens\": "
        + requests * rows
        + ", \"latency_us\": {\"median\": "
        + us
        + ", \"sample_spread_pct\": 1}}]}";
  }

  private Path file(String name, String... cases) throws Exception {
    return Files.writeString(folder.resolve(name), List.of(cases).toString());
  }

  private static String[] target() {
    List<String> cases = new ArrayList<>();
    for (int batch : new int[] {1, 4}) {
      for (int rows : new int[] {1, 5}) {
        for (int context : new int[] {100, 1100}) {
          cases.add(uniform(batch, rows, context, 10_000 + 1000 * batch * rows + context));
        }
      }
    }
    return cases.toArray(String[]::new);
  }

  // 10 ms, 1 ms a row, 1 µs a token of context: linear, so every place between is known.
  @Test
  void passesAreLinearBetweenMeasuredOnes() throws Exception {
    MeasuredBatches batches =
        VllmBenchForward.read(file("t.json", target()), null, "mine").latency();
    assertEquals(11.1, batches.targetPass(1, 1, 100), 1e-9);
    assertEquals(10 + 2 * 3 + 0.6, batches.targetPass(2, 3, 600), 1e-9);
    assertEquals(4, batches.batchReach());
    assertEquals(4, batches.draftReach());
    assertEquals(1100, batches.contextReach());
  }

  // The drafter of 4 tokens takes 4 ms; of fewer as long, since no fewer were measured.
  @Test
  void theDrafterIsWhatAStepTakesMoreWithIt() throws Exception {
    MeasuredBatches batches =
        VllmBenchForward.read(
                file("t.json", target()),
                file("both.json", uniform(1, 5, 100, 19_100), uniform(1, 5, 1100, 20_100)),
                "mine")
            .latency();
    assertEquals(11.1, batches.baselineStep(1, 100), 1e-9);
    assertEquals(19.1, batches.speculativeStep(1, 4, 100), 1e-9);
    assertEquals(19.6, batches.speculativeStep(1, 4, 600), 1e-9);
    assertEquals(1, batches.batchReach());
    Path written = folder.resolve("mine.json");
    LayerFiles.write(written, batches, "source", "2026-11");
    LatencyModel again = LatencyModels.load(written.toString());
    assertEquals(19.1, again.speculativeStep(1, 4, 100), 1e-9);
  }

  @Test
  void whatWasNotMeasuredIsRefused() throws Exception {
    MeasuredBatches batches =
        VllmBenchForward.read(file("t.json", target()), null, "mine").latency();
    for (Executable each :
        List.<Executable>of(
            () -> batches.targetPass(5, 1, 100),
            () -> batches.targetPass(1, 6, 100),
            () -> batches.targetPass(1, 1, 1101))) {
      Exception e = assertThrows(IllegalArgumentException.class, each::run);
      assertTrue(e.getMessage().startsWith("'mine' was measured up to"), e.getMessage());
    }
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> batches.speculativeStep(1, 4, 100));
    assertTrue(e.getMessage().contains("--with-drafter"), e.getMessage());
    e = assertThrows(IllegalArgumentException.class, () -> new Deployment(batches, 5, null, 1));
    assertEquals("batch 5 has no cost under 'mine', measured up to batch 4", e.getMessage());
  }

  private interface Executable {
    void run();
  }

  // A prompt of 8192 tokens, and a prompt beside a sequence that decodes.
  @Test
  void casesThatNeitherDecodeNorVerifyAreLeftOut() throws Exception {
    String prefill =
        "{\"case\": \"p\", \"requests\": [{\"query_len\": 8192, \"kv_len\": 8192, \"num_draft_tokens\": 0}], \"median_us\": 9}";
    String mix =
        "{\"case\": \"m\", \"requests\": [{\"query_len\": 1, \"kv_len\": 9, \"num_draft_tokens\": 0},"
            + " {\"query_len\": 8, \"kv_len\": 8, \"num_draft_tokens\": 0}], \"median_us\": 9}";
    VllmBenchForward read =
        VllmBenchForward.read(
            file("t.json", uniform(1, 1, 100, 11_000), prefill, mix), null, "mine");
    assertEquals(
        List.of(
            "t.json: left out 2 of 3 cases, whose requests differ or neither decode nor verify"),
        read.notes());
  }

  private void assertRefused(String problem, String... cases) throws Exception {
    Path file = file("t.json", cases);
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> VllmBenchForward.read(file, null, "mine"));
    assertEquals(file + problem, e.getMessage());
  }

  @Test
  void aBadFileIsOneLine() throws Exception {
    assertRefused(": no case of equal requests that decode");
    assertRefused(": no batch of 1 sequence was measured", uniform(2, 1, 100, 1));
    assertRefused(
        ": no plain decoding (1 row) of 2 sequences was measured",
        uniform(1, 1, 100, 1),
        uniform(2, 5, 100, 1));
    assertRefused(": measured twice at 1, 1, 100", uniform(1, 1, 100, 1), uniform(1, 1, 100, 2));
    assertRefused(": case 1 has no \"requests\", or no \"median_us\" above 0", "{}");
    assertRefused(
        ": case 1: \"kv_len\" is missing, not a whole number of at least 1",
        "{\"requests\": [{\"query_len\": 1}], \"median_us\": 1}");
    assertRefused(
        ": case 1: \"kv_len\" is 1, less than its \"query_len\"",
        "{\"requests\": [{\"query_len\": 2, \"kv_len\": 1}], \"median_us\": 1}");
  }
}
