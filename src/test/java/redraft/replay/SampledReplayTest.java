package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redraft.latency.ConstantRatio;
import redraft.latency.LatencyModel;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.FixedLength;
import redraft.policy.Heuristic;
import redraft.sampling.RandomStreams;
import redraft.verify.RecordedPath;
import redraft.verify.TokenRule;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

class SampledReplayTest {
  private static final LatencyModel TENTH = new ConstantRatio(.1);
  private static final int RUNS = 4000;

  private static ReplaySequence course(VerificationRule rule, String name, boolean endKnown) {
    SplittableRandom random = new SplittableRandom(1);
    double[] ratio = new double[50];
    double[] draftProbability = new double[ratio.length];
    boolean[] draftArgmax = new boolean[ratio.length];
    for (int t = 0; t < ratio.length; t++) {
      draftProbability[t] = random.nextInt(6) == 0 ? 0 : random.nextDouble();
      ratio[t] = draftProbability[t] / random.nextDouble(.05, 1);
      draftArgmax[t] = random.nextInt(3) > 0;
    }
    RecordedPath path = new RecordedPath(ratio, draftProbability, draftArgmax);
    return new ReplaySequence(name, new RuleLaw(rule, path), 5, endKnown);
  }

  private static Costed sample(
      DraftLengthPolicy policy, ReplaySequence course, int runs, long seed) {
    return Costed.sampled(policy, TENTH, 1, runs, new RandomStreams(seed), course);
  }

  static Stream<VerificationRule> rules() {
    return VerificationRules.all().stream();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void theMeansAgreeWithTheExactExpectations(VerificationRule rule) {
    for (DraftLengthPolicy policy : new DraftLengthPolicy[] {new FixedLength(4), new Heuristic()}) {
      for (boolean endKnown : new boolean[] {true, false}) {
        ReplaySequence course = course(rule, "text", endKnown);
        Costed exact = Costed.exact(policy, TENTH, 1, true, course);
        Costed sampled = sample(policy, course, RUNS, 2);
        Sample steps = Sample.of(sampled.expectation().runSteps());
        Sample times = Sample.of(sampled.runTimes());
        String what = policy + ", end known: " + endKnown;
        // The argmax of a draft is certain, and so are its steps.
        assertTrue(rule.name().equals("greedy-draft") || steps.variance() > .3, what + steps);
        assertEquals(exact.steps(), steps.mean(), 4 * steps.standardError() + 1e-12, what);
        assertEquals(exact.time(), times.mean(), 4 * times.standardError() + 1e-12, what);
        assertEquals(steps.mean(), sampled.steps(), 1e-12, what);
        assertEquals(times.mean(), sampled.time(), 1e-12, what);
        // Time is steps and a tenth of the drafted tokens.
        assertEquals(sampled.time(), sampled.steps() + .1 * sampled.drafted(), 1e-9, what);
        assertEquals(exact.baselineTime(), sampled.baselineTime());
      }
    }
  }

  @Test
  void everyTimelineCommitsTheWholePath() {
    Costed sampled = sample(new FixedLength(3), course(new TokenRule(), "text", true), RUNS, 2);
    double[] counts = sampled.acceptedCounts();
    double accepted = 0;
    for (int j = 0; j < counts.length; j++) {
      accepted += j * counts[j];
    }
    assertEquals(sampled.steps(), DoubleStream.of(counts).sum(), 1e-9);
    assertEquals(50, accepted + sampled.steps(), 1e-9);
  }

  @Test
  void theNumbersDependOnTheSeedAndTheNameOfTheSequenceAlone() {
    FixedLength policy = new FixedLength(3);
    double[] steps = sampledSteps(policy, "a/0", 1);
    assertArrayEquals(steps, sampledSteps(policy, "a/0", 1));
    assertFalse(Arrays.equals(steps, sampledSteps(policy, "a/1", 1)));
    assertFalse(Arrays.equals(steps, sampledSteps(policy, "a/0", 2)));
  }

  private static double[] sampledSteps(DraftLengthPolicy policy, String name, long seed) {
    return sample(policy, course(new TokenRule(), name, true), 50, seed).expectation().runSteps();
  }

  @Test
  void atLeastOneTimelineIsDrawn() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new SampledReplay(new FixedLength(1), 0, new RandomStreams(0)));
    assertEquals("sampled timelines 0 must be at least 1", e.getMessage());
  }
}
