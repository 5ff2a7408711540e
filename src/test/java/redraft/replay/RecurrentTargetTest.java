package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.latency.StepCosts;
import redraft.metrics.StepUsage;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.FixedLength;
import redraft.policy.Heuristic;
import redraft.sampling.RandomStreams;
import redraft.steps.StepLog;
import redraft.verify.RecordedPath;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/** After a step that rejects some of its tokens the accepted ones are decoded again. */
class RecurrentTargetTest {
  /** A target pass of n rows takes 10 + n, a draft pass 1. */
  private static final LatencyModel ROWS =
      new LatencyModel() {
        @Override
        public String name() {
          return "rows";
        }

        @Override
        public Unit unit() {
          return Unit.MILLISECONDS;
        }

        @Override
        public double targetPass(int batch, int rows, int contextTokens) {
          return 10 + rows;
        }

        @Override
        public double draftPass(int batch, int rows, int contextTokens) {
          return 1;
        }

        @Override
        public double stepOverhead(int batch) {
          return 0;
        }
      };

  private static double[] times(
      Replayer replayer, LatencyModel latency, boolean recurrent, ReplaySequence sequence) {
    StepLog log = new StepLog(sequence.tokens(), true);
    replayer.replay(sequence, log);
    Deployment deployment =
        new Deployment("a", latency, 1, null, Double.NaN).withRecurrent(recurrent);
    return log.costs(
        new StepCosts(deployment, 1).of(sequence.promptTokens(), sequence.decodeFrom()));
  }

  private static double time(
      DraftLengthPolicy policy, LatencyModel latency, boolean recurrent, ReplaySequence sequence) {
    return times(new ExactReplay(policy, true), latency, recurrent, sequence)[0];
  }

  // K = 2, tokens 0 and 3 to 5 are as drafted, 1 and 2 are not. Steps: 0 kept and 1 recovered, of 2
  // drafted: decoded again in 2 rows. 2 recovered, none kept: again in 1 row. 3 and 4 kept, 5 the
  // bonus: nothing to decode again. In all 3 · (2 + 13) and 12 + 11; the end is known at the last.
  @Test
  void aRejectionCostsOnePassOverTheAcceptedTokens() {
    ReplaySequence sequence =
        new ReplaySequence("a", new CertainLaw(new int[] {1, 0, 0, 3, 2, 1}, null), 5, true);
    assertEquals(45, time(new FixedLength(2), ROWS, false, sequence), 1e-12);
    assertEquals(45 + 12 + 11, time(new FixedLength(2), ROWS, true, sequence), 1e-12);
  }

  // The last token was rejected, and nothing follows it.
  @Test
  void theLastStepDecodesNothingAgain() {
    ReplaySequence sequence =
        new ReplaySequence("a", new CertainLaw(new int[] {1, 0}, null), 5, false);
    assertEquals(
        time(new FixedLength(4), ROWS, false, sequence),
        time(new FixedLength(4), ROWS, true, sequence),
        1e-12);
  }

  @Test
  void usagesOfAllTextsCostTheSame() {
    ReplaySequence sequence =
        new ReplaySequence("a", new CertainLaw(new int[] {1, 0, 0, 3, 2, 1}, null), 5, true);
    StepLog log = new StepLog(6, true);
    new ExactReplay(new FixedLength(2), true).replay(sequence, log);
    StepUsage usage = new StepUsage();
    usage.add(log, 4);
    assertEquals(68, usage.cost(ROWS, 1), 1e-12);
    assertEquals(3, log.steps());
    assertEquals(6, log.drafted());
  }

  static Stream<VerificationRule> rules() {
    return VerificationRules.all().stream();
  }

  // Under a constant ratio every step that rejects something, and is not the last, costs 1 more.
  @ParameterizedTest
  @MethodSource("rules")
  void exactAndSampledAgree(VerificationRule rule) {
    SplittableRandom random = new SplittableRandom(6);
    int tokens = 20;
    double[] ratio = new double[tokens];
    double[] draftProbability = new double[tokens];
    boolean[] draftArgmax = new boolean[tokens];
    for (int t = 0; t < tokens; t++) {
      draftProbability[t] = random.nextDouble();
      ratio[t] = draftProbability[t] / random.nextDouble(.2, 1);
      draftArgmax[t] = random.nextInt(3) > 0;
    }
    RuleLaw law = new RuleLaw(rule, new RecordedPath(ratio, draftProbability, draftArgmax));
    for (DraftLengthPolicy policy :
        new DraftLengthPolicy[] {new FixedLength(3), new Heuristic(2)}) {
      ReplaySequence sequence = new ReplaySequence("a/0", law, 5, true);
      double exact = time(policy, ROWS, true, sequence);
      double plain = time(policy, ROWS, false, sequence);
      double[] runs =
          times(new SampledReplay(policy, 4000, new RandomStreams(1)), ROWS, true, sequence);
      double mean = Arrays.stream(runs).average().orElseThrow();
      double variance = Arrays.stream(runs).map(run -> (run - mean) * (run - mean)).sum() / 3999;
      assertEquals(exact, mean, 4 * Math.sqrt(variance / 4000) + 1e-9, policy.name());
      assertTrue(exact > plain + 10, exact + " " + plain);
      double unit =
          time(policy, new ConstantRatio(0), true, sequence)
              - time(policy, new ConstantRatio(0), false, sequence);
      assertTrue(unit > 0.5 && unit < tokens, unit + " passes more");
    }
  }
}
