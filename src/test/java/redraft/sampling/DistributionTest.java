package redraft.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DistributionTest {
  private static final Distribution P = Distribution.of(.5, .3, .2, 0);
  private static final Distribution Q = Distribution.of(.1, .2, .3, .4);

  // Logits → weights e^(logit − largest): 2 ln 2, ln 2, 0 → 1, 1/2, 1/4 → 4/7, 2/7, 1/7.
  @Test
  void temperatureOneIsTheSoftmax() {
    assertProbabilities(1e-7, ofLogits(1, 0, 1, ln(4), ln(2), 0), 4 / 7., 2 / 7., 1 / 7.);
  }

  // Halving the logits takes the square root of the weights: 16, 4, 1 → 4, 2, 1.
  @Test
  void temperatureTwoTakesTheSquareRootOfTheOdds() {
    assertProbabilities(1e-7, ofLogits(2, 0, 1, ln(16), ln(4), 0), 4 / 7., 2 / 7., 1 / 7.);
  }

  @Test
  void temperatureZeroPicksTheLowestIdAmongEquals() {
    assertProbabilities(0, ofLogits(0, 0, 1, 1, 3, 2, 3), 0, 1, 0, 0);
  }

  @Test
  void aTemperatureNextToZeroIsStillADistribution() {
    assertProbabilities(0, ofLogits(Double.MIN_VALUE, 0, 1, 1, 3, 2, 3), 0, .5, 0, .5);
  }

  @Test
  void anInfinitelyUnlikelyTokenHasProbabilityZero() {
    assertProbabilities(0, ofLogits(1, 0, 1, 0, Float.NEGATIVE_INFINITY, 0), .5, 0, .5);
  }

  @Test
  void topKKeepsTheLargest() {
    assertProbabilities(1e-7, ofLogits(1, 2, 1, 0, ln(3), ln(9), -1), 0, .25, .75, 0);
  }

  @Test
  void topKKeepsAllThatEqualTheSmallestKept() {
    assertProbabilities(0, ofLogits(1, 1, 1, 5, 7, 7, 7, 1), 0, 1 / 3., 1 / 3., 1 / 3., 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 4})
  void topKOfZeroOrTheWholeVocabularyKeepsAll(int topK) {
    assertProbabilities(0, ofLogits(1, topK, 1, 7, 7, 7), 1 / 3., 1 / 3., 1 / 3.);
  }

  // Four tokens of 1/4: the least probable are dropped while their mass is at most 1 − top-p.
  @ParameterizedTest
  @CsvSource({"1, 4", ".76, 4", ".75, 3", ".74, 3", ".5, 2", ".25, 1", ".1, 1"})
  void topPDropsTheLeastProbableUpToTheMassLeftOver(double topP, int kept) {
    Distribution nucleus = ofLogits(1, 0, topP, 2, 2, 2, 2);
    for (int token = 0; token < 4; token++) {
      assertEquals(token < kept ? 1. / kept : 0, nucleus.probability(token), "token " + token);
    }
  }

  @Test
  void topPKeepsTheTokenThatCrossesIt() {
    // 1/2, 1/4, 1/8, 1/8: 0.7 is crossed by the second token.
    assertProbabilities(1e-7, ofLogits(1, 0, .7, ln(4), ln(2), 0, 0), 2 / 3., 1 / 3., 0, 0);
  }

  @Test
  void topPCountsTheMassThatTopKLeft() {
    // Top-k leaves 1/2, 1/2; of the whole vocabulary the first token alone would be a third.
    assertProbabilities(0, ofLogits(1, 1, .5, 3, 3, 1), 1, 0, 0);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.MIN_VALUE, 1e-17, 1e-16, 1e-15})
  void theSmallestTopPKeepsTheMostProbableTokenAlone(double topP) {
    for (int size = 1; size <= 40; size++) {
      Distribution nucleus = ofLogits(1, 0, topP, new float[size]);
      assertEquals(1, nucleus.probability(0), "of " + size + " equal tokens");
    }
  }

  /** Each transform by its definition, a token at a time, in quadratic time. */
  private static double[] byDefinition(float[] logits, SamplingParameters parameters) {
    int size = logits.length;
    double[] mass = new double[size];
    for (int v = 0; v < size; v++) {
      mass[v] = Math.exp(logits[v] / parameters.temperature());
    }
    double[] kept = mass.clone();
    for (int v = 0; v < size; v++) {
      float logit = logits[v];
      long larger = IntStream.range(0, size).filter(w -> logits[w] > logit).count();
      if (parameters.topK() > 0 && larger >= parameters.topK()) {
        kept[v] = 0;
      }
    }
    double total = sum(kept);
    double[] nucleus = kept.clone();
    for (int v = 0; v < size; v++) {
      // Everything that goes before v: what is less probable, of equals the higher id, and v.
      double upToHere = 0;
      boolean last = true;
      for (int w = 0; w < size; w++) {
        boolean before = kept[w] < kept[v] || kept[w] == kept[v] && w >= v;
        upToHere += before ? kept[w] / total : 0;
        last &= before;
      }
      if (parameters.topP() < 1 && upToHere <= 1 - parameters.topP() && !last) {
        nucleus[v] = 0;
      }
    }
    double sum = sum(nucleus);
    for (int v = 0; v < size; v++) {
      nucleus[v] /= sum;
    }
    return nucleus;
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }

  @ParameterizedTest
  @CsvSource({"400, 50, 20", "12, 600, 100"})
  void agreesWithTheDefinitionOnRandomLogits(int rows, int mostTokens, int mostK) {
    SplittableRandom random = new SplittableRandom(1);
    int truncated = 0;
    for (int row = 0; row < rows; row++) {
      float[] logits = new float[1 + random.nextInt(mostTokens)];
      for (int v = 0; v < logits.length; v++) {
        float logit = (float) random.nextGaussian(0, 3);
        // Every other row in steps of a half, so that there are ties; here and there a token that
        // is ruled out.
        logits[v] = row % 2 == 0 ? logit : Math.round(2 * logit) / 2f;
        if (v > 0 && random.nextInt(20) == 0) {
          logits[v] = Float.NEGATIVE_INFINITY;
        }
      }
      SamplingParameters parameters =
          new SamplingParameters(
              random.nextDouble(.2, 2),
              random.nextBoolean() ? 0 : 1 + random.nextInt(mostK),
              random.nextBoolean() ? 1 : random.nextDouble(.05, 1));
      double[] expected = byDefinition(logits, parameters);
      Distribution actual = Distribution.ofLogits(FloatBuffer.wrap(logits), parameters);
      for (int v = 0; v < logits.length; v++) {
        String what = "row " + row + ", token " + v + ", " + parameters;
        assertEquals(expected[v], actual.probability(v), 1e-12, what);
        assertEquals(expected[v] == 0, actual.probability(v) == 0, what);
        truncated += expected[v] == 0 && logits[v] > Float.NEGATIVE_INFINITY ? 1 : 0;
      }
    }
    assertTrue(truncated > 1000, "only " + truncated + " tokens were left out by top-k or top-p");
  }

  @ParameterizedTest
  @CsvSource({"0, NaN", "1, NaN", "0, Infinity", "1, Infinity"})
  void aLogitThatIsNoNumberIsRefusedByItsToken(double temperature, float bad) {
    var e =
        assertThrows(IllegalArgumentException.class, () -> ofLogits(temperature, 0, 1, 1, 2, bad));
    assertEquals("the logit of token 2 is " + bad, e.getMessage());
    e = assertThrows(IllegalArgumentException.class, () -> ofLogits(temperature, 0, 1, bad, 2));
    assertEquals("the logit of token 0 is " + bad, e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1})
  void aRowThatRulesEveryTokenOutIsRefused(double temperature) {
    float never = Float.NEGATIVE_INFINITY;
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> ofLogits(temperature, 0, 1, never, never, never));
    assertEquals("all 3 logits are -Infinity", e.getMessage());
  }

  @Test
  void readsTheBufferFromItsStartAndLeavesItsPosition() {
    FloatBuffer logits = FloatBuffer.wrap(new float[] {9, 0, 0}).position(1);
    Distribution distribution = Distribution.ofLogits(logits, new SamplingParameters(0, 0, 1));
    assertProbabilities(0, distribution, 1, 0, 0);
    assertEquals(1, logits.position());
  }

  /**
   * Whether few tokens are stored or all, every number is the same to the last bit: here of each of
   * one-hot, top-k, top-p and whole distributions beside a copy that stores zeros.
   */
  @Test
  void storingFewTokensChangesNoNumber() {
    SplittableRandom random = new SplittableRandom(5);
    List<Distribution> stored = new ArrayList<>();
    List<Distribution> copies = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      SamplingParameters parameters =
          new SamplingParameters(
              random.nextInt(5) == 0 ? 0 : random.nextDouble(.3, 2),
              random.nextBoolean() ? 0 : 1 + random.nextInt(30),
              random.nextBoolean() ? 1 : random.nextDouble(.3, 1));
      Distribution p = Distribution.ofLogits(FloatBuffer.wrap(gaussians(random, 300)), parameters);
      stored.add(p);
      copies.add(Distribution.of(probabilities(p)));
    }
    for (int i = 0; i < stored.size(); i++) {
      Distribution p = stored.get(i);
      Distribution copy = copies.get(i);
      assertEquals(copy.argmax(), p.argmax());
      assertEquals(copy.entropy(), p.entropy());
      for (long seed = 0; seed < 50; seed++) {
        assertEquals(copy.sample(new SplittableRandom(seed)), p.sample(new SplittableRandom(seed)));
      }
      for (int j = 0; j < stored.size(); j++) {
        Distribution q = stored.get(j);
        Distribution other = copies.get(j);
        assertEquals(copy.overlap(other), p.overlap(q));
        assertEquals(copy.excess(.7, other), p.excess(.7, q));
        assertProbabilities(0, p.residual(q), probabilities(copy.residual(other)));
        assertProbabilities(0, p.residual(.7, q), probabilities(copy.residual(.7, other)));
      }
    }
  }

  @Test
  void aTokenOutsideTheVocabularyHasNoProbability() {
    Distribution token = Distribution.oneHot(3, 4);
    assertThrows(IndexOutOfBoundsException.class, () -> token.probability(4));
    assertThrows(IndexOutOfBoundsException.class, () -> P.probability(-1));
    assertThrows(IndexOutOfBoundsException.class, () -> Distribution.oneHot(4, 4));
  }

  @Test
  void probabilitiesMustBeNonNegativeAndSumToOne() {
    assertRefused("probability -0.5 is not a non-negative number", 1.5, -.5);
    assertRefused("probability NaN is not a non-negative number", Double.NaN, 1);
    assertRefused("probabilities sum to 0.75, not to 1", .5, .25);
  }

  private static void assertRefused(String message, double... probabilities) {
    var e = assertThrows(IllegalArgumentException.class, () -> Distribution.of(probabilities));
    assertEquals(message, e.getMessage());
  }

  @Test
  void keepsItsProbabilitiesWhenTheArrayItWasMadeOfChanges() {
    double[] probabilities = {.5, .5};
    Distribution distribution = Distribution.of(probabilities);
    probabilities[0] = 7;
    assertProbabilities(0, distribution, .5, .5);
  }

  @Test
  void theArgmaxIsTheLowestIdAmongEquals() {
    assertEquals(1, Distribution.of(.2, .4, .4).argmax());
    assertEquals(2, Distribution.oneHot(2, 4).argmax());
  }

  // Cumulative sums .5, .8, 1: the first token takes [0, .5), the second [.5, .8).
  @Test
  void samplingInvertsTheCumulativeDistribution() {
    assertEquals(0, P.sample(() -> 0L));
    assertEquals(0, P.sample(uniform(.4999)));
    assertEquals(1, P.sample(uniform(.5)));
    assertEquals(1, P.sample(uniform(.7999)));
    assertEquals(2, P.sample(uniform(.8001)));
  }

  @Test
  void theLargestUniformStillDrawsATokenOfPositiveProbability() {
    double tenth = .1; // ten of them sum to less than 1
    Distribution distribution =
        Distribution.of(
            0, tenth, tenth, tenth, tenth, tenth, tenth, tenth, tenth, tenth, tenth, 0, 0);
    assertEquals(10, distribution.sample(() -> -1L));
    assertEquals(1, distribution.sample(() -> 0L));
  }

  @Test
  void aTokenOfProbabilityZeroIsNeverDrawn() {
    Distribution distribution = Distribution.of(0, 1 / 3., 0, 1 / 3., 1 / 3., 0, 0);
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 300_000; i++) {
      int token = distribution.sample(random);
      assertTrue(distribution.probability(token) > 0, "drew token " + token);
    }
  }

  @Test
  void drawsFollowTheProbabilities() {
    double[] probabilities = {.01, .04, 0, .15, .3, .02, .08, .4};
    Distribution distribution = Distribution.of(probabilities);
    SplittableRandom random = new SplittableRandom(3);
    int draws = 200_000;
    int[] counts = new int[probabilities.length];
    for (int i = 0; i < draws; i++) {
      counts[distribution.sample(random)]++;
    }
    double chiSquare = 0;
    for (int token = 0; token < counts.length; token++) {
      double expected = draws * probabilities[token];
      if (expected > 0) {
        chiSquare += (counts[token] - expected) * (counts[token] - expected) / expected;
      }
    }
    double pValue = ChiSquaredDistribution.of(6).survivalProbability(chiSquare); // 7 cells
    assertTrue(pValue > .001, "chi-square " + chiSquare + ", p-value " + pValue);
  }

  // min(p, q) = .1 + .2 + .2 + 0
  @Test
  void theOverlapIsTheMassThatBothGive() {
    assertEquals(.5, P.overlap(Q), 1e-15);
    assertEquals(.5, Q.overlap(P), 1e-15);
    assertEquals(1, P.overlap(P), 1e-15);
    assertEquals(0, Distribution.oneHot(0, 2).overlap(Distribution.oneHot(1, 2)));
  }

  // (p − q)₊ = (.4 .1 0 0), over its sum .5
  @Test
  void residualNeverContainsATokenTheDraftOverestimates() {
    assertProbabilities(1e-15, P.residual(Q), .8, .2, 0, 0);
    assertEquals(0, P.residual(Q).probability(2));
    assertEquals(0, P.residual(Q).probability(3));
  }

  @Test
  void theResidualOfADistributionAgainstItselfIsItself() {
    assertSame(P, P.residual(P));
  }

  // min(p, q) + (1 − overlap)·residual = p, at every token: what makes the token rule lossless.
  @Test
  void overlapAndResidualTogetherMakeTheTarget() {
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < 100; i++) {
      Distribution p = ofLogits(1, 5, 1, gaussians(random, 12));
      Distribution q = ofLogits(1, 0, .7, gaussians(random, 12));
      Distribution residual = p.residual(q);
      double rejected = 1 - p.overlap(q);
      for (int v = 0; v < 12; v++) {
        double accepted = Math.min(p.probability(v), q.probability(v));
        assertEquals(p.probability(v), accepted + rejected * residual.probability(v), 1e-12);
      }
    }
  }

  private static float[] gaussians(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian(0, 2);
    }
    return values;
  }

  @Test
  void distributionsOverTwoVocabulariesCannotBeCompared() {
    Distribution three = Distribution.oneHot(0, 3);
    String message =
        "distributions over 4 and 3 tokens cannot be compared; draft and target need one"
            + " vocabulary";
    assertEquals(
        message, assertThrows(IllegalArgumentException.class, () -> P.overlap(three)).getMessage());
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> P.residual(three)).getMessage());
  }

  // −(1/2 ln 1/2 + 2 · 1/4 ln 1/4) = 3/2 ln 2
  @Test
  void entropyIsInNats() {
    assertEquals(1.5 * Math.log(2), Distribution.of(.5, .25, .25, 0).entropy(), 1e-15);
    assertEquals(Math.log(4), Distribution.of(.25, .25, .25, .25).entropy(), 1e-15);
    assertEquals(0, Distribution.oneHot(1, 3).entropy());
  }

  private static Distribution ofLogits(double temperature, int topK, double topP, float... logits) {
    return Distribution.ofLogits(
        FloatBuffer.wrap(logits), new SamplingParameters(temperature, topK, topP));
  }

  private static float ln(double x) {
    return (float) Math.log(x);
  }

  /** A generator whose every uniform is u. */
  private static RandomGenerator uniform(double u) {
    return () -> (long) (u * 0x1p53) << 11;
  }

  private static void assertProbabilities(
      double tolerance, Distribution distribution, double... expected) {
    assertArrayEquals(expected, probabilities(distribution), tolerance);
  }

  private static double[] probabilities(Distribution distribution) {
    return IntStream.range(0, distribution.vocabularySize())
        .mapToDouble(distribution::probability)
        .toArray();
  }
}
