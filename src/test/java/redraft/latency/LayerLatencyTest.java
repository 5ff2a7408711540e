package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Passes of a model of two layers, in milliseconds, from times in microseconds. */
class LayerLatencyTest {
  private static final String TARGET =
      """
      {"model": "tiny", "layers": 2, "rows": [1, 2, 4], "layerUs": [100, 100, 140], "onceUs": [10, 10, 20],
       "sampledRows": [1, 4], "sampledUs": [50, 80],
       "attention": {
         "chunk":      [0, 0, 0, 0, 4, 4, 4, 4, 4, 4],
         "sequences":  [1, 1, 3, 3, 0, 0, 1, 1, 1, 1],
         "chunkCache": [0, 0, 0, 0, 0, 100, 0, 0, 100, 100],
         "cache":      [10, 110, 10, 110, 0, 0, 10, 110, 10, 110],
         "us":         [5, 15, 9, 39, 8, 28, 12, 22, 32, 42]}}""";

  private static final String EXPERTS =
      TARGET.replaceFirst(
          "\"attention\"",
          "\"experts\": {\"count\": 4, \"active\": 1, \"activated\": [1, 1, 2, 1, 2, 4], \"rows\": [1, 2, 2, 4, 4, 4],"
              + " \"us\": [30, 30, 50, 34, 54, 94]}, \"attention\"");

  @TempDir Path folder;

  private LatencyModel load(String target, String more) throws Exception {
    Path file = folder.resolve("tiny.json");
    Files.writeString(
        file,
        "{\"name\": \"mine\", \"model\": \"layers\", \"source\": \"s\", \"date\": \"d\", \"confidence\": \"c\""
            + more
            + ", \"target\": "
            + target
            + "}");
    return LatencyModels.load(file.toString());
  }

  private LatencyModel tiny() throws Exception {
    return load(TARGET, "");
  }

  // One row after 10 tokens: 2 · 100 + 10, projection 50, attention 2 · 5.
  // Two after 60 each: 2 · 100 + 10, projection 60, attention halfway between 10 and 24: 2 · 17.
  @Test
  void aPassIsItsLayersItsProjectionAndItsAttention() throws Exception {
    assertEquals(0.270, tiny().targetPass(1, 1, 10), 1e-12);
    assertEquals(0.304, tiny().targetPass(2, 1, 60), 1e-12);
  }

  // Five rows: beyond 4 the line from 2 goes on, 160 and 25: 2 · 160 + 25. Two sampled rows: 60.
  // The chunk of 4 after 50
  // tokens beside a sequence after 60: between 17 and 37: 2 · 27.
  @Test
  void aPromptIsReadBesideASequenceThatDecodes() throws Exception {
    assertEquals(0.459, tiny().mixedPass(new Load(1, 1, 60, 1, 4, 50, 0, 2)), 1e-12);
  }

  // Three rows: between 100 and 140: 2 · 120 + 15. Projection 70. Attention as beside a chunk of 4:
  // 2 · 12.
  @Test
  void aVerificationPaysForTheKernelOfSeveralRows() throws Exception {
    assertEquals(0.349, tiny().targetPass(1, 3, 10), 1e-12);
  }

  // Plain batches as well as verifications; every sequence after 70.
  @Test
  void aMixedPassOfEqualSequencesIsTheirPass() throws Exception {
    for (String target : new String[] {TARGET, EXPERTS}) {
      LatencyModel model = load(target, ", \"draftHead\": true");
      for (int batch = 1; batch < 9; batch++) {
        for (int rows = 1; rows < 4; rows++) {
          Load load = new Load(batch, batch * rows, 70L * batch, 0, 0, 0, 0, batch * rows);
          assertEquals(model.targetPass(batch, rows, 70), model.mixedPass(load));
          assertEquals(model.draftPass(batch, rows, 70), model.draftMixedPass(load));
        }
      }
    }
  }

  // One row takes as long as two, and four take longer: 2 · 40 + 10 more, by halves from 2 to 4.
  @Test
  void theStaircaseStaysAndEndsInItsMeanSlope() throws Exception {
    LayerLatency model = (LayerLatency) tiny();
    assertEquals(0.210, model.target().denseMs(1), 1e-12);
    assertEquals(0.210, model.target().denseMs(2), 1e-12);
    assertEquals(0.255, model.target().denseMs(3), 1e-12);
    assertEquals(0.300, model.target().denseMs(4), 1e-12);
    assertEquals(0.480, model.target().denseMs(8), 1e-12);
  }

  // 4 · (1 - (3/4)²) = 1.75 of 4 experts for two rows: between 30 and 50, 2 · 45. One: 2 · 30.
  // Many: all 4.
  @Test
  void rowsVisitMoreExpertsTheMoreTheyAre() throws Exception {
    LatencyModel without = tiny();
    LatencyModel with = load(EXPERTS, "");
    assertEquals(0.060, with.targetPass(1, 1, 10) - without.targetPass(1, 1, 10), 1e-12);
    assertEquals(0.090, with.targetPass(2, 1, 10) - without.targetPass(2, 1, 10), 1e-12);
    double all = ((LayerLatency) with).target().expertsMs(4, 4);
    assertEquals(0.188, all, 1e-12);
    assertTrue(((LayerLatency) with).target().expertsMs(4) < all);
    assertTrue(with.caveats().toString().contains("experts"));
  }

  // Four rows: 2 · 140 + 20 + 50 + 2 · 8. Then two after 4: 210 + 50 + 2 · 8.8, as long as a chunk
  // of 4.
  @Test
  void aLongPromptIsReadInChunks() throws Exception {
    assertEquals(0.6436, tiny().prefill(1, 6), 1e-12);
    assertEquals(0.366, tiny().prefill(1, 4), 1e-12);
    // Of two prompts of 2 the chunk of 4 has both, each sampled: 60 in place of 50.
    assertEquals(0.376, tiny().prefill(2, 2), 1e-12);
  }

  // One layer: 100 + 10 + 50 + 5.
  @Test
  void aHeadIsOneLayerOfItsTarget() throws Exception {
    LatencyModel head = load(TARGET, ", \"draftHead\": true");
    assertEquals(0.165, head.draftPass(1, 1, 10), 1e-12);
    assertEquals(0.270, head.targetPass(1, 1, 10), 1e-12);
    assertEquals("a head of tiny", head.draftModel());
    assertEquals(
        0.165,
        load(TARGET, ", \"draft\": " + TARGET.replace("\"layers\": 2", "\"layers\": 1"))
            .draftPass(1, 1, 10),
        1e-12);
  }

  @Test
  void withoutADraftOnlyWhatDraftsIsRefused() throws Exception {
    LatencyModel model = tiny();
    assertNull(model.draftModel());
    assertEquals(0.270, model.baselineStep(1, 10), 1e-12);
    Exception refused =
        assertThrows(IllegalArgumentException.class, () -> model.speculativeStep(1, 2, 10));
    assertEquals(
        "'mine' holds no times of a draft, so what it would take is not known: import them with --draft-dir, price a head"
            + " with --draft-head, or draft nothing (--draft-length 0)",
        refused.getMessage());
  }

  private void assertProblem(String problem, String target, String more) {
    Exception e = assertThrows(IllegalArgumentException.class, () -> load(target, more));
    assertTrue(e.getMessage().endsWith("tiny.json: " + problem), e.getMessage());
  }

  @Test
  void aBadFileIsOneLine() {
    assertProblem(
        "\"target.layerUs\" is [100,100], not as many as rows",
        TARGET.replace("[100, 100, 140]", "[100, 100]"),
        "");
    assertProblem(
        "\"target.attention\" is missing",
        TARGET.replaceFirst("(?s),\\s*\"attention\".*", "}"),
        "");
    assertProblem("measured twice at 2", TARGET.replace("[1, 2, 4]", "[1, 2, 2]"), "");
    assertProblem("measured twice at 4, 1, 100, 110", TARGET.replace("10, 110]", "110, 110]"), "");
    assertProblem(
        "no attention of a prompt that is read alone was measured",
        TARGET.replace("[1, 1, 3, 3, 0, 0,", "[1, 1, 3, 3, 2, 2,"),
        "");
    assertProblem(
        "\"target.experts.active\" is 5, more than there are experts, 4",
        EXPERTS.replace("\"active\": 1", "\"active\": 5"),
        "");
    assertProblem(
        "\"draftHead\" is true, beside a \"draft\"",
        TARGET,
        ", \"draftHead\": true, \"draft\": " + TARGET);
  }
}
