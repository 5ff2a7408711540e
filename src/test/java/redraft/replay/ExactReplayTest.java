package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.FixedLength;
import redraft.verify.RecordedPath;
import redraft.verify.TokenRule;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

class ExactReplayTest {
  private static final int PROMPT_LENGTH = 7;
  private static final LatencyModel TENTH = new ConstantRatio(.1);

  /** Every part of the price has its own size and grows with batch, rows and context. */
  private static final LatencyModel UNEVEN =
      new LatencyModel() {
        @Override
        public String name() {
          return "uneven";
        }

        @Override
        public Unit unit() {
          return Unit.MILLISECONDS;
        }

        @Override
        public double targetPass(int batch, int rows, int contextTokens) {
          return 3 + .25 * rows + .01 * contextTokens + .5 * batch;
        }

        @Override
        public double draftPass(int batch, int rows, int contextTokens) {
          return .5 + .06 * rows + .001 * rows * contextTokens + .1 * batch;
        }

        @Override
        public double stepOverhead(int batch) {
          return .125 * batch;
        }
      };

  /** One token more after a block that was accepted whole, one less after another. */
  private record UpAndDown(int initialLength) implements DraftLengthPolicy {
    @Override
    public String name() {
      return "up-and-down";
    }

    @Override
    public int nextLength(int length, int drafted, int accepted) {
      return accepted == drafted ? length + 1 : Math.max(1, length - 1);
    }
  }

  private static ReplaySequence course(VerificationRule rule, RecordedPath path, boolean endKnown) {
    return new ReplaySequence("text", new RuleLaw(rule, path), PROMPT_LENGTH, endKnown);
  }

  /** The token rule at a fixed draft length, of a text that ends at its length limit. */
  private static Costed replay(double[] ratio, int draftLength) {
    return Costed.exact(
        new FixedLength(draftLength),
        TENTH,
        1,
        true,
        course(new TokenRule(), ofRatios(ratio), true));
  }

  private static RecordedPath ofRatios(double... ratio) {
    return new RecordedPath(ratio, new double[ratio.length], new boolean[ratio.length]);
  }

  private static RecordedPath randomPath(SplittableRandom random, int tokens) {
    double[] ratio = new double[tokens];
    double[] draftProbability = new double[tokens];
    boolean[] draftArgmax = new boolean[tokens];
    for (int t = 0; t < tokens; t++) {
      double p = random.nextDouble(.05, 1);
      draftProbability[t] = random.nextInt(6) == 0 ? 0 : random.nextDouble();
      ratio[t] = draftProbability[t] / p;
      draftArgmax[t] = random.nextInt(3) > 0;
    }
    return new RecordedPath(ratio, draftProbability, draftArgmax);
  }

  // N = 3, K = 1, every draft accepted with 1/2. Steps start at 0 surely, at 1 after a rejection
  // (1/2), at 2 after an acceptance at 0 or a rejection at 1 (1/2 + 1/4): 2.25 steps. Those at 0
  // and 1 draft: 1.5 tokens, of which half are accepted. Time 2.25 + 0.1 · 1.5.
  @Test
  void threeTokensByHand() {
    Costed expected = replay(new double[] {.5, .5, .5}, 1);
    assertEquals(3, expected.tokens());
    assertEquals(2.25, expected.steps(), 1e-15);
    assertEquals(1.5, expected.drafted(), 1e-15);
    assertEquals(.75, expected.accepted(), 1e-15);
    assertArrayEquals(new double[] {1.5, .75}, expected.acceptedCounts(), 1e-15);
    assertEquals(2.4, expected.time(), 1e-15);
    assertEquals(3, expected.baselineTime());
  }

  // As above, but nobody knew where the text ends: the step at 2 drafts in vain.
  @Test
  void aTextThatEndsWithAnEndTokenWasDraftedPastItsEnd() {
    Costed expected =
        Costed.exact(
            new FixedLength(1),
            TENTH,
            1,
            true,
            course(new TokenRule(), ofRatios(.5, .5, .5), false));
    assertEquals(2.25, expected.steps(), 1e-15);
    assertEquals(2.25, expected.drafted(), 1e-15);
    assertEquals(.75, expected.accepted(), 1e-15);
    assertEquals(2.475, expected.time(), 1e-15);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 30})
  void aDraftThatIsNeverRejectedTakesTheFewestSteps(int draftLength) {
    for (int tokens = 1; tokens <= 20; tokens++) {
      double[] ratio = new double[tokens];
      Arrays.fill(ratio, 1 + tokens % 2);
      int fewest = (tokens + draftLength) / (draftLength + 1); // ⌈N / (K + 1)⌉
      assertEquals(fewest, replay(ratio, draftLength).steps(), tokens + " tokens");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 30})
  void aDraftThatIsAlwaysRejectedTakesAStepForEachToken(int draftLength) {
    for (int tokens = 1; tokens <= 20; tokens++) {
      Costed expected = replay(new double[tokens], draftLength);
      assertEquals(tokens, expected.steps());
      int left = tokens;
      assertEquals(
          IntStream.range(0, tokens).map(t -> Math.min(draftLength, left - t - 1)).sum(),
          expected.drafted());
    }
  }

  /**
   * V(t, length) = cost(t) + Σ_{k&lt;K} (S_k − S_{k+1}) V(t + k + 1) + S_K V(t + K + 1), backwards
   * from V(N) = 0: the sum of what each step costs, the last part of it only where a whole block
   * was accepted and the text goes on.
   */
  private static double backwards(
      ReplaySequence course, DraftLengthPolicy policy, StepCost cost, StepCost afterWholeBlock) {
    int tokens = course.law().length();
    Double[][] known = new Double[tokens][200]; // by position and length
    return value(course, policy, cost, afterWholeBlock, 0, policy.initialLength(), known);
  }

  private interface StepCost {
    double of(int position, int drafted);
  }

  private static double value(
      ReplaySequence course,
      DraftLengthPolicy policy,
      StepCost cost,
      StepCost afterWholeBlock,
      int t,
      int length,
      Double[][] known) {
    int tokens = course.law().length();
    if (t >= tokens) {
      return 0;
    }
    if (known[t][length] == null) {
      int left = tokens - t - 1;
      int most = Math.min(Math.min(length, course.law().available(t)), left);
      int drafted = course.endKnown() ? most : Math.min(length, course.law().available(t));
      double[] survival = new double[most + 2]; // the last stays 0
      course.law().survival(t, most, survival);
      double value = cost.of(t, drafted);
      for (int k = 0; k <= most; k++) {
        double next =
            value(
                course,
                policy,
                cost,
                afterWholeBlock,
                t + k + 1,
                policy.nextLength(length, drafted, k),
                known);
        boolean goesOn = t + k + 1 < tokens;
        double catchUp = k == drafted && k > 0 && goesOn ? afterWholeBlock.of(t, drafted) : 0;
        value += (survival[k] - survival[k + 1]) * (catchUp + next);
      }
      known[t][length] = value;
    }
    return known[t][length];
  }

  private static void assertAgreesWithTheBackwardRecursion(
      ReplaySequence course, DraftLengthPolicy policy, boolean histogram) {
    int batch = 2;
    Costed actual = Costed.exact(policy, UNEVEN, batch, histogram, course);
    String what = policy + ", " + course;
    assertClose(backwards(course, policy, (t, k) -> 1, (t, k) -> 0), actual.steps(), what);
    assertClose(backwards(course, policy, (t, k) -> k, (t, k) -> 0), actual.drafted(), what);
    StepCost time =
        (t, k) ->
            k * UNEVEN.draftPass(batch, 1, PROMPT_LENGTH + t - 1 + (k - 1) / 2)
                + UNEVEN.targetPass(batch, k + 1, PROMPT_LENGTH + t - 1)
                + UNEVEN.stepOverhead(batch);
    // The first draft pass of the next step takes in two tokens instead of one.
    StepCost catchUp =
        (t, k) ->
            UNEVEN.draftPass(batch, 2, PROMPT_LENGTH + t + k)
                - UNEVEN.draftPass(batch, 1, PROMPT_LENGTH + t + k);
    assertClose(backwards(course, policy, time, catchUp), actual.time(), what);
  }

  private static void assertClose(double expected, double actual, String what) {
    assertEquals(expected, actual, 1e-12 * Math.max(1, expected), what);
  }

  static Stream<VerificationRule> rules() {
    return VerificationRules.all().stream();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void agreesWithTheBackwardRecursion(VerificationRule rule) {
    SplittableRandom random = new SplittableRandom(5);
    for (int draftLength = 1; draftLength <= 6; draftLength++) {
      for (int trial = 0; trial < 8; trial++) {
        RecordedPath path = randomPath(random, 1 + random.nextInt(40));
        ReplaySequence course = course(rule, path, trial % 2 == 0);
        assertAgreesWithTheBackwardRecursion(course, new FixedLength(draftLength), trial < 4);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void followsALengthThatMovesWithWhatWasAccepted(VerificationRule rule) {
    SplittableRandom random = new SplittableRandom(6);
    for (int trial = 0; trial < 40; trial++) {
      ReplaySequence course =
          course(rule, randomPath(random, 1 + random.nextInt(40)), trial % 2 == 0);
      assertAgreesWithTheBackwardRecursion(course, new UpAndDown(1 + trial % 5), true);
    }
  }

  /** Copies from the text: sometimes there is nothing to draft, sometimes less than asked for. */
  @Test
  void agreesWithTheBackwardRecursionWhereDraftsAreBounded() {
    SplittableRandom random = new SplittableRandom(9);
    for (int trial = 0; trial < 60; trial++) {
      int[] matched = new int[1 + random.nextInt(40)];
      int[] available = new int[matched.length];
      for (int t = 0; t < matched.length; t++) {
        available[t] = random.nextInt(6);
        matched[t] = Math.min(random.nextInt(available[t] + 1), matched.length - t);
      }
      ReplaySequence course =
          new ReplaySequence(
              "text", new CertainLaw(matched, available), PROMPT_LENGTH, trial % 2 == 0);
      assertAgreesWithTheBackwardRecursion(course, new FixedLength(1 + trial % 6), trial < 30);
      assertAgreesWithTheBackwardRecursion(course, new UpAndDown(1 + trial % 6), true);
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void everyStepIsCountedOnceByWhatItAccepted(VerificationRule rule) {
    SplittableRandom random = new SplittableRandom(7);
    for (int draftLength = 1; draftLength <= 6; draftLength++) {
      ReplaySequence course = course(rule, randomPath(random, 50), true);
      Costed expected = Costed.exact(new FixedLength(draftLength), TENTH, 1, true, course);
      double[] counts = expected.acceptedCounts();
      assertEquals(expected.steps(), DoubleStream.of(counts).sum(), 1e-12);
      double accepted = IntStream.range(0, counts.length).mapToDouble(j -> j * counts[j]).sum();
      assertEquals(expected.accepted(), accepted, 1e-12);
      assertEquals(50, expected.steps() + expected.accepted(), 1e-12);
      assertTrue(accepted > 0);
    }
  }

  // The replay law as coin flips: token t is accepted with min(1, r_t), until the first that is
  // not.
  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void theMeanOfManyCoinFlipsAgrees(int draftLength) {
    SplittableRandom random = new SplittableRandom(8);
    double[] ratio = randomPath(random, 60).ratio();
    double[] steps = new double[10_000];
    for (int run = 0; run < steps.length; run++) {
      for (int t = 0; t < ratio.length; t++) {
        steps[run]++;
        int end = Math.min(t + draftLength, ratio.length - 1);
        while (t < end && random.nextDouble() < ratio[t]) {
          t++;
        }
      }
    }
    Sample sample = Sample.of(steps);
    assertTrue(sample.variance() > .5, "the runs hardly differ: " + sample);
    assertEquals(replay(ratio, draftLength).steps(), sample.mean(), 4 * sample.standardError());
  }

  // Independent acceptance α in an endless text: 1 + α + … + α^K tokens a step.
  @Test
  void inALongTextOfOneRatioTheTokensPerStepAreAGeometricSum() {
    double[] ratio = new double[200_000];
    Arrays.fill(ratio, .8);
    Costed expected = replay(ratio, 5);
    DoubleUnaryOperator power = k -> Math.pow(.8, k);
    double perStep = DoubleStream.of(0, 1, 2, 3, 4, 5).map(power).sum();
    assertEquals(3.68928, perStep, 1e-12);
    assertEquals(perStep, expected.tokens() / expected.steps(), 1e-4);
  }

  @Test
  void theBatchMustHoldASequence() {
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> new Deployment(TENTH, 0, null, Double.NaN));
    assertEquals("batch 0 must be at least 1", e.getMessage());
  }
}
