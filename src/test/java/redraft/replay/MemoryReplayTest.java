package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redraft.latency.ConstantRatio;
import redraft.latency.LatencyModel;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.Policies;
import redraft.sampling.RandomStreams;
import redraft.verify.RecordedPath;
import redraft.verify.TokenRule;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

class MemoryReplayTest {
  private static final LatencyModel TENTH = new ConstantRatio(.1);
  private static final String[] POLICIES = {
    "sglang-adaptive:0,1,3:warmup=0:interval=2",
    "sglang-adaptive:1,2:warmup=1:interval=1:alpha=0.5",
    "trt-threshold:2,0.4",
    "bandit:0.1",
    "bandit:0.1:explore=0.1"
  };

  static Stream<VerificationRule> rules() {
    return VerificationRules.all().stream();
  }

  private static ReplaySequence course(VerificationRule rule, int tokens, boolean endKnown) {
    SplittableRandom random = new SplittableRandom(1);
    double[] ratio = new double[tokens];
    double[] draftProbability = new double[tokens];
    boolean[] draftArgmax = new boolean[tokens];
    for (int t = 0; t < tokens; t++) {
      draftProbability[t] = random.nextInt(6) == 0 ? 0 : random.nextDouble();
      ratio[t] = draftProbability[t] / random.nextDouble(.05, 1);
      draftArgmax[t] = random.nextInt(3) > 0;
    }
    RecordedPath path = new RecordedPath(ratio, draftProbability, draftArgmax);
    return new ReplaySequence("text/0", new RuleLaw(rule, path), 5, endKnown);
  }

  /** The heuristic, remembering its length as if it were more. */
  private record Remembering(int initialLength) implements DraftLengthPolicy {
    private record Length(int length) implements Memory {
      @Override
      public Memory after(int drafted, int accepted) {
        return new Length(
            drafted == 0 ? length : accepted == drafted ? length + 2 : Math.max(1, length - 1));
      }
    }

    @Override
    public String name() {
      return "remembering";
    }

    @Override
    public Memory start() {
      return new Length(initialLength);
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void aLengthAloneIsFollowedAsThePlainWay(VerificationRule rule) {
    for (boolean endKnown : new boolean[] {true, false}) {
      ReplaySequence course = course(rule, 50, endKnown);
      Costed plain = Costed.exact(Policies.named("heuristic", 3), TENTH, 1, true, course);
      Costed memory = Costed.exact(new Remembering(3), TENTH, 1, true, course);
      assertEquals(plain.steps(), memory.steps(), 1e-12);
      assertEquals(plain.drafted(), memory.drafted(), 1e-12);
      assertEquals(plain.time(), memory.time(), 1e-12);
      assertArrayEquals(plain.acceptedCounts(), memory.acceptedCounts(), 1e-12);
    }
  }

  /** V(t, memory) by its definition, over every outcome and with nothing put together. */
  private static double steps(ReplaySequence course, int t, DraftLengthPolicy.Memory memory) {
    int left = course.tokens() - t - 1;
    if (left < 0) {
      return 0;
    }
    int count = course.drafted(t, memory.length());
    int most = Math.min(count, left);
    double[] survival = new double[most + 2];
    course.law().survival(t, most, survival);
    survival[most + 1] = 0;
    double steps = 1;
    for (int k = 0; k <= most; k++) {
      double probability = survival[k] - survival[k + 1];
      if (probability > 0) {
        steps += probability * steps(course, t + k + 1, memory.after(count, k));
      }
    }
    return steps;
  }

  @ParameterizedTest
  @MethodSource("rules")
  void itIsTheSumOverEveryOutcome(VerificationRule rule) {
    for (String name : POLICIES) {
      for (boolean endKnown : new boolean[] {true, false}) {
        DraftLengthPolicy policy = Policies.named(name, 3);
        ReplaySequence course = course(rule, 14, endKnown);
        double steps = Costed.exact(policy, TENTH, 1, true, course).steps();
        assertEquals(steps(course, 0, policy.start()), steps, 1e-12, name);
        assertTrue(steps > 2 && steps <= 14, name + steps);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void timelinesHaveItAsTheirMean(VerificationRule rule) {
    for (String name : POLICIES) {
      DraftLengthPolicy policy = Policies.named(name, 3);
      ReplaySequence course = course(rule, 14, false);
      Costed exact = Costed.exact(policy, TENTH, 1, true, course);
      Costed sampled = Costed.sampled(policy, TENTH, 1, 4000, new RandomStreams(3), course);
      Sample times = Sample.of(sampled.runTimes());
      assertEquals(exact.time(), times.mean(), 4 * times.standardError() + 1e-12, name);
    }
  }

  /** A draft that is certain has one timeline, however much is remembered. */
  @Test
  void aLongTextOfACertainDraftIsFollowedExactly() {
    ReplaySequence course = course(VerificationRules.named("greedy-draft"), 3000, true);
    for (String name : new String[] {"sglang-adaptive", "trt-threshold:8,0.2", "bandit"}) {
      DraftLengthPolicy policy = Policies.named(name, 8);
      Costed exact = Costed.exact(policy, TENTH, 1, true, course);
      Costed sampled = Costed.sampled(policy, TENTH, 1, 1, new RandomStreams(3), course);
      assertEquals(sampled.steps(), exact.steps());
      assertEquals(sampled.drafted(), exact.drafted());
    }
  }

  @Test
  void tooManyMemoriesAreRefusedInOneLineThatSaysWhatToDo() {
    DraftLengthPolicy policy = Policies.named("sglang-adaptive", 3);
    ReplaySequence course = course(new TokenRule(), 60, true);
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> Costed.exact(policy, TENTH, 1, true, course));
    assertTrue(
        e.getMessage()
            .matches(
                "policy 'sglang-adaptive' can remember more than 4096 different things at token \\d+ of sequence 'text/0', too many"
                    + " for an exact expectation; draw timelines instead: --sampled 200"),
        e.getMessage());
  }
}
