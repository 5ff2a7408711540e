package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import redraft.hardware.ModelShape;

/** Layers of a known mixture, 2048 wide, with 4 experts of which a token visits 1. */
class ExpertParallelTest {
  private static TimeGrid.Points points(double[] times, double[]... axes) {
    return new TimeGrid.Points(axes, times);
  }

  /** 1 µs a row in each of 2 layers, attention of 2 µs, experts of 3 µs each whatever the rows. */
  private static LayerLatency profile(boolean experts) {
    double[] rows = {1, 1000};
    return new LayerLatency(
        "p",
        new LayerTimes.Columns(
            "Qwen/Qwen3-30B-A3B-Instruct-2507",
            2,
            points(new double[] {1, 1000}, rows),
            points(new double[] {0, 0}, rows),
            points(new double[] {0, 0}, rows),
            points(
                new double[] {2, 2, 2},
                new double[] {0, 16, 16},
                new double[] {1, 0, 1},
                new double[] {0, 0, 0},
                new double[] {16, 0, 16}),
            experts ? new ModelShape.Experts(4, 1, 0, 1, 0) : null,
            experts
                ? points(
                    new double[] {3, 3, 12, 12},
                    new double[] {1, 1, 4, 4},
                    new double[] {1, 1000, 1, 1000})
                : null),
        null,
        false);
  }

  private static double expected(int most, int rows, int ranks, double gbps, double us) {
    double activated = 4 * (1 - Math.pow(.75, (double) ranks * rows)) / ranks;
    double collectives =
        ranks == 1 ? 0 : (ranks - 1) * rows * (2048 + 4 + 2048) * 2 / (gbps * 1e3) + 2 * us; // µs
    return 2 * (most + 2 + 3 * activated + collectives) / 1e3;
  }

  @Test
  void replicasPadToTheLargestGatherAndScatter() {
    ExpertParallel two = new ExpertParallel(profile(true), 2, 16, 20, 256);
    Load eight = Load.decoding(8, 1, 10);
    Load three = Load.decoding(3, 1, 10);
    assertEquals(expected(8, 8, 2, 16, 20), two.mixedSteps(List.of(eight, three), false), 1e-9);
    assertEquals(expected(8, 8, 2, 16, 20), two.mixedSteps(List.of(three, eight), false), 1e-9);
    assertEquals(expected(3, 3, 2, 16, 20), two.mixedPass(three), 1e-9);
    assertTrue(two.inStep());
  }

  @Test
  void beyondTheCapturedSizesEachHasItsOwnRows() {
    ExpertParallel two = new ExpertParallel(profile(true), 2, 16, 20, 256);
    Load prompt = new Load(0, 0, 0, 1, 600, 0, 180_300, 1);
    Load one = Load.decoding(4, 1, 10);
    assertEquals(expected(600, 302, 2, 16, 20), two.mixedSteps(List.of(prompt, one), false), 1e-9);
  }

  /** Graphs hold twice as many rows as sequences may run. */
  @Test
  void fewSequencesHaveSmallGraphs() {
    ExpertParallel two = new ExpertParallel(profile(true), 2, 16, 20, 3);
    Load eight = Load.decoding(8, 1, 10);
    Load three = Load.decoding(3, 1, 10);
    assertEquals(expected(8, 6, 2, 16, 20), two.mixedSteps(List.of(eight, three), false), 1e-9);
  }

  @Test
  void oneReplicaHasAllExpertsAndNoLink() {
    ExpertParallel one = new ExpertParallel(profile(true), 1, 16, 20, 256);
    Load load = Load.decoding(8, 1, 10);
    assertEquals(profile(true).mixedPass(load), one.mixedPass(load), 1e-12);
    assertEquals(0, one.mixedSteps(List.of(), false));
  }

  @Test
  void whatHasNoExpertsOrNoLinkIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> new ExpertParallel(profile(false), 2, 16, 20, 256));
    assertThrows(
        IllegalArgumentException.class, () -> new ExpertParallel(profile(true), 2, 0, 20, 256));
    assertThrows(
        IllegalArgumentException.class, () -> new ExpertParallel(profile(true), 0, 16, 20, 256));
  }
}
