package redraft.synthetic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.synthetic.MeanLength.Range;
import redraft.synthetic.MeanLength.Value;

/** What a mean length leaves open, by hand and over every law of a grid. */
class MeanLengthTest {
  private static final int TENTHS = 10;

  /** Every S_1 ≥ … ≥ S_places in tenths. */
  private static void laws(int places, List<Integer> begun, Consumer<List<Integer>> law) {
    if (begun.size() == places) {
      law.accept(begun);
      return;
    }
    int most = begun.isEmpty() ? TENTHS : begun.get(begun.size() - 1);
    for (int tenths = 0; tenths <= most; tenths++) {
      List<Integer> longer = new ArrayList<>(begun);
      longer.add(tenths);
      laws(places, longer, law);
    }
  }

  private static int sum(List<Integer> survival, int places) {
    return survival.subList(0, places).stream().mapToInt(Integer::intValue).sum();
  }

  /** The range over those laws of the grid that have the mean. */
  private static Range enumerated(MeanLength length, int other, Value value) {
    double[] range = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    long mean = Math.round(TENTHS * (length.tokensPerStep() - 1));
    laws(
        Math.max(other, length.draftLength()),
        List.of(),
        law -> {
          if (sum(law, length.draftLength()) == mean) {
            double here =
                value.of(
                    1 + (double) sum(law, other) / TENTHS, (double) law.get(other - 1) / TENTHS);
            range[0] = Math.min(range[0], here);
            range[1] = Math.max(range[1], here);
          }
        });
    return new Range(range[0], range[1]);
  }

  private static void assertRange(Range expected, Range actual) {
    assertEquals(expected.low(), actual.low(), 1e-12);
    assertEquals(expected.high(), actual.high(), 1e-12);
  }

  // m = 1.6 of 5. K' = 3: (.32 .32 .32) and (1 .6 0); K' = 8: nothing more and 3 · .32 more.
  @ParameterizedTest
  @CsvSource({"1, 1.32, 2", "3, 1.96, 2.6", "5, 2.6, 2.6", "8, 2.6, 3.56"})
  void twoPointSixTokensOfFiveDraftedLeaveOpen(int other, double low, double high) {
    MeanLength length = new MeanLength(2.6, 5);
    assertRange(new Range(low, high), length.tokensPerStep(other));
    assertRange(new Range(low, high), length.range(other, (tokens, whole) -> tokens));
  }

  // Means whose even law lies on the grid, so that the grid holds both extremes.
  @ParameterizedTest
  @CsvSource({"2.5, 3", "2, 2", "1, 3", "4, 3", "2.2, 4", "1.3, 1", "2.8, 2"})
  void everyLawOfTheMeanLiesWithinTheBoundsAndTwoOfThemAttainThem(double mean, int draftLength) {
    MeanLength length = new MeanLength(mean, draftLength);
    for (int other = 1; other <= 5; other++) {
      assertRange(
          enumerated(length, other, (tokens, whole) -> tokens), length.tokensPerStep(other));
    }
  }

  // A step that costs 1.3, and 0.4 more after a block accepted whole.
  @ParameterizedTest
  @CsvSource({"2.5, 3", "2.2, 4", "1.3, 1", "1.7, 3"})
  void noLawIsFasterOrSlowerThanTheBoundsOfTheSpeedup(double mean, int draftLength) {
    MeanLength length = new MeanLength(mean, draftLength);
    assertWithin(length, (tokens, whole) -> tokens / (1.3 + 0.4 * whole));
    assertWithin(length, (tokens, whole) -> whole);
  }

  /** Of the grid, whose steps are a tenth wide, at every other draft length. */
  private static void assertWithin(MeanLength length, Value value) {
    for (int other = 1; other <= 5; other++) {
      Range bounds = length.range(other, value);
      Range grid = enumerated(length, other, value);
      assertTrue(bounds.low() <= grid.low() + 1e-12, other + ": " + bounds + " " + grid);
      assertTrue(bounds.high() >= grid.high() - 1e-12, other + ": " + bounds + " " + grid);
      assertTrue(bounds.low() > grid.low() - 0.1 && bounds.high() < grid.high() + 0.1);
    }
  }

  // 2.6 = 1 + 1.6: S = (.32 .32 …) is whole with .32, so 2.6 / (2 + .32); (1 .6 0 0 0) never is
  @Test
  void atTheLengthItselfOnlyTheCatchUpIsOpen() {
    Range speedup = new MeanLength(2.6, 5).range(5, (tokens, whole) -> tokens / (2 + whole));
    assertRange(new Range(2.6 / 2.32, 1.3), speedup);
  }

  @Test
  void theLawThatALengthIsReadAsLiesWithinItsBounds() {
    MeanLength length = new MeanLength(2.6, 5);
    double[] survival = new Schedule.ConstantConditional(2.6, 5).survival(12);
    double tokensPerStep = 1;
    for (int k = 1; k <= 12; k++) {
      tokensPerStep += survival[k];
      Range bounds = length.tokensPerStep(k);
      assertTrue(tokensPerStep > bounds.low() - 1e-9 && tokensPerStep < bounds.high() + 1e-9);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0.9|5|0.9 tokens a step are not from 1 to 6, all that 5 drafted and one bonus or recovered token can give",
        "2.1|1|2.1 tokens a step are not from 1 to 2, all that 1 drafted and one bonus or recovered token can give",
        "NaN|2|NaN tokens a step are not from 1 to 3, all that 2 drafted and one bonus or recovered token can give",
        "1|0|draft length 0 is not from 1 to 1000"
      })
  void aLengthThatNoDraftGivesIsRefused(double mean, int draftLength, String message) {
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> new MeanLength(mean, draftLength))
            .getMessage());
  }
}
