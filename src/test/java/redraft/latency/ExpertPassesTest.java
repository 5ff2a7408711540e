package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.hardware.HardwareCatalogue;
import redraft.hardware.ModelShape;
import redraft.hardware.Precision;

/** The roofline of a mixture of experts beside passes that were measured (docs/latency.md). */
class ExpertPassesTest {
  private static RooflineLatency qwen() throws Exception {
    ModelShape model = HardwareCatalogue.model("qwen3-30b-a3b");
    return new RooflineLatency(
        HardwareCatalogue.devices("rtx-pro-6000").hardware(), model, model, Precision.BF16, 1);
  }

  private static double pass(int rows) throws Exception {
    return qwen().targetPass(rows, 1, 0);
  }

  // Kernel times of vLLM 0.19 by layer, uniformly routed; casys-kaist/LLMServingSim, profiles of
  // Qwen3-30B-A3B on RTX PRO 6000, summed up over the layers.
  @ParameterizedTest
  @CsvSource({
    "1, 3.97, 4.82",
    "2, 8.02, 7.19",
    "3, 10.24, 9.41",
    "5, 13.62, 13.45",
    "9, 20.01, 20.11",
    "16, 27.75, 28.34",
    "32, 36.68, 37.62",
    "64, 40.89, 42.11",
    "128, 43.27, 42.82",
    "256, 45.26, 43.09"
  })
  void passesOfMoreThanOneRowAreWithinATenthOfTheMeasured(
      int rows, double measuredMs, double predictedMs) throws Exception {
    assertEquals(predictedMs, pass(rows), .005);
    assertEquals(1, predictedMs / measuredMs, rows == 1 ? .22 : .105, rows + " rows");
  }

  // A dense model of that size reads the same weights whatever the rows; this one reads most of its
  // experts by the time that 16 tokens are verified.
  @Test
  void verificationIsDearWhereTokensVisitDifferentExperts() throws Exception {
    double five = pass(5) / pass(1);
    assertTrue(five > 2.5 && five < 3.5, "5 rows cost " + five);
    ModelShape dense = HardwareCatalogue.model("qwen3-32b");
    RooflineLatency same =
        new RooflineLatency(
            HardwareCatalogue.devices("rtx-pro-6000").hardware(), dense, dense, Precision.BF16, 1);
    assertEquals(1, same.targetPass(5, 1, 0) / same.targetPass(1, 1, 0), .01);
  }
}
