package redraft.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplingParametersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-0.1     | 0  | 1    | temperature -0.1 must be a number of at least 0 (0 is greedy)",
        "NaN      | 0  | 1    | temperature NaN must be a number of at least 0 (0 is greedy)",
        "Infinity | 0  | 1    | temperature Infinity must be a number of at least 0 (0 is greedy)",
        "1        | -1 | 1    | top-k -1 must be at least 1, or 0 for all",
        "1        | 0  | 0    | top-p 0.0 must be above 0 and at most 1",
        "1        | 0  | -0.5 | top-p -0.5 must be above 0 and at most 1",
        "1        | 0  | 1.01 | top-p 1.01 must be above 0 and at most 1",
        "1        | 0  | NaN  | top-p NaN must be above 0 and at most 1"
      })
  void aBadValueIsNamedWithItsRule(double temperature, int topK, double topP, String message) {
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> new SamplingParameters(temperature, topK, topP));
    assertEquals(message, e.getMessage());
  }

  @Test
  void greedyAndTemperatureKeepTheWholeVocabulary() {
    assertEquals(new SamplingParameters(0, 0, 1), SamplingParameters.GREEDY);
    assertEquals(new SamplingParameters(0.7, 0, 1), SamplingParameters.temperature(0.7));
  }
}
