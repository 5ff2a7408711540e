package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.steps.StepShape;

class LinearLatencyTest {
  private static final LinearLatency EACH =
      new LinearLatency(
          "each",
          new LinearLatency.PassCost(6, 0.5, 0.25),
          new LinearLatency.PassCost(1, 0.125, 0.0625),
          false,
          2,
          null);

  // 2 sequences of 4 rows, 10 tokens in each cache and the row's own: 6 + 0.5 · 8 + 0.25 · 22
  @Test
  void rowsAndCachesOfTheBatchAddUp() {
    assertEquals(15.5, EACH.targetPass(2, 4, 10));
  }

  // three draft passes of 1 + 0.125 + 0.0625 · 12 in the middle, a target pass of 6 + 2 + 0.25 ·
  // 11, and 2
  @Test
  void aStepIsItsPassesAndItsOverhead() {
    assertEquals(3 * 1.875 + 10.75 + 2, EACH.speculativeStep(1, 3, 10));
    assertEquals(6 + 0.5 + 2.75 + 2, EACH.baselineStep(1, 10));
  }

  @Test
  void oneCostMayCoverTheWholeDraft() {
    LinearLatency one = new LinearLatency("one", EACH.target(), EACH.draft(), true, 2, null);
    assertEquals(1 + 0.125 * 4 + 0.0625 * 11 + 10.75 + 2, one.speculativeStep(1, 3, 10));
    assertEquals(0, one.catchUp(1, 10));
  }

  @Test
  void aCopyCostsNoDraftPassEvenWhereOneCostCoversTheWholeDraft() {
    LinearLatency one = new LinearLatency("one", EACH.target(), EACH.draft(), true, 2, null);
    for (LatencyModel model : List.of(EACH, one)) {
      assertEquals(model.targetPass(1, 5, 7) + 2, model.step(1, StepShape.copy(4), 7));
      assertEquals(model.baselineStep(3, 7), model.step(3, StepShape.copy(0), 7));
    }
  }

  // 6 + .02 + .0001 · 1000 + .5, and a draft pass of 1.5 + .01 + .00002 · 1000 before 6 + .02 · 2 +
  // .1
  @Test
  void theFileInTheDocumentationIsReadAndCostsWhatItSays(@TempDir Path folder) throws Exception {
    String page = Files.readString(Path.of("docs", "latency.md"));
    String section = page.substring(page.indexOf("### Linear"));
    int from = section.indexOf("```json") + "```json".length();
    Path file = folder.resolve("documented.json");
    Files.writeString(file, section.substring(from, section.indexOf("```", from)));
    LatencyModel model = LatencyModels.load(file.toString());
    assertEquals(6.62, model.baselineStep(1, 999), 1e-9);
    assertEquals(8.17, model.speculativeStep(1, 1, 999), 1e-9);
    assertTrue(model.caveats().contains("my-server was measured up to draft length 8"));
  }

  // The constants of the simulator published with arXiv:2601.11580, in milliseconds.
  @Test
  void theShippedPresetHasThePublishedConstants() throws Exception {
    LatencyModel preset = LatencyModels.load("llama-3.1-8b-eagle3-h100");
    assertEquals(
        5.88590713 + 0.0210103129 + 3.92645679e-05 * 101 + 1.20683946,
        preset.baselineStep(1, 100),
        1e-12);
    assertEquals(5.88590713 + 0.0210103129 * 50 + 1.20683946, preset.prefill(1, 50), 1e-12);
  }

  @Test
  void allMistakesOfAFileAreSaidAtOnce(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("mine.json");
    Files.writeString(
        file,
        """
        {"name":"mine","model":"cubic","source":"s","date":"d","confidence":"c",
         "target":{"fixedMs":-1,"perRowMs":0,"perCachedTokenMs":0},
         "draft":{"fixedMs":1,"perRowMs":0,"perCachedTokenMs":0},"draftPassesPerStep":"some","stepOverheadMs":0}
        """);
    String message =
        assertThrows(IllegalArgumentException.class, () -> LatencyModels.load(file.toString()))
            .getMessage();
    for (String part :
        new String[] {
          "\"model\" is \"cubic\"", "\"draftPassesPerStep\"", "\"target.fixedMs\" is -1,"
        }) {
      assertTrue(message.contains(part), message);
    }
    assertEquals(1, message.lines().count());
  }
}
