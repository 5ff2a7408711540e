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
import redraft.latency.LatencyModel;
import redraft.policy.FixedLength;
import redraft.sampling.RandomStreams;
import redraft.verify.RecordedPath;
import redraft.verify.TokenRule;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

class AheadReplayTest {
  private static ReplaySequence certain(int[] matched, boolean endKnown, Ahead ahead) {
    return new ReplaySequence("text/0", new CertainLaw(matched, null), 5, endKnown).with(ahead);
  }

  private static Costed exact(ReplaySequence sequence, int draftLength, double ratio) {
    return Costed.exact(new FixedLength(draftLength), new ConstantRatio(ratio), 1, true, sequence);
  }

  // Tokens 0, 1, 3, 4 are as drafted, token 2 is not. K = 2: the first step tests token 0,
  // accepted;
  // the next tests 1 and 2 and emits both; then one tests 3, accepted; the last tests 4, where the
  // text ends. Four steps, each as long as two draft passes or the target's, if that is longer.
  @Test
  void pearlTestsOneTokenAfterARejectionAndAllWhileTheyAreAccepted() {
    ReplaySequence sequence = certain(new int[] {2, 1, 0, 2, 1}, true, new Ahead.Pearl());
    Costed cheap = exact(sequence, 2, 0.1);
    assertEquals(4, cheap.steps(), 1e-12);
    assertEquals(4, cheap.time(), 1e-12);
    assertEquals(6, exact(sequence, 2, 0.75).time(), 1e-12);
    assertEquals(5, cheap.tokens());
    assertEquals(1, cheap.accepted(), 1e-12); // emitted tokens less one a step
    assertEquals(3, cheap.acceptedCounts()[0], 1e-12);
    assertEquals(1, cheap.acceptedCounts()[1], 1e-12);
  }

  // All accepted, K = 3: 1 + 3 + 3 + 3, without a bonus.
  @Test
  void pearlEmitsNoMoreThanItTests() {
    int[] matched = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
    assertEquals(4, exact(certain(matched, true, new Ahead.Pearl()), 3, 0.1).steps(), 1e-12);
  }

  // K = 2. The first step is drafted in turn, keeps tokens 0 and 1 and emits token 2, of rank 3:
  // the
  // next is ready from three guesses on. That keeps token 3 and emits 4, the last. In turn 1 + 2c
  // and
  // 1 + c; ready, the longer of 1 and c.
  @Test
  void aGuessedTokenMakesTheNextStepReady() {
    int[] matched = {2, 1, 0, 1, 0};
    int[] rank = {1, 1, 3, 1, 2};
    assertEquals(
        1.5 + 1.25,
        exact(certain(matched, true, new Ahead.Guesses(2, rank, true)), 2, 0.25).time(),
        1e-12);
    assertEquals(
        1.5 + 1,
        exact(certain(matched, true, new Ahead.Guesses(3, rank, true)), 2, 0.25).time(),
        1e-12);
    assertEquals(
        1 + 2 * 1.5 + 1.5, // not ready at first; then one pass of 1.5 beside the target's
        exact(certain(matched, true, new Ahead.Guesses(3, rank, true)), 2, 1.5).time(),
        1e-12);
  }

  // Token 0, of rank 2, is not what the draft liked most. Where that was rejected, one guess is
  // enough; where it is not known what was, two are.
  @Test
  void theRejectedTokenIsNotGuessedWhereItIsKnown() {
    int[] matched = {0, 1, 0};
    int[] rank = {2, 1, 1};
    Ahead known = new Ahead.Guesses(1, rank, true);
    assertTrue(known.ready(1, false));
    assertTrue(!known.ready(1, true));
    assertTrue(!new Ahead.Guesses(1, rank, false).ready(1, false));
    assertEquals(1.25 + 1, exact(certain(matched, true, known), 1, 0.25).time(), 1e-12);
    assertEquals(
        1.25 + 1.25,
        exact(certain(matched, true, new Ahead.Guesses(1, rank, false)), 1, 0.25).time(),
        1e-12);
  }

  static Stream<VerificationRule> rules() {
    return VerificationRules.all().stream();
  }

  /** Steps and time from a position on, by going through all outcomes. */
  private static double[] backward(
      ReplaySequence sequence, LatencyModel latency, int position, boolean ready, int draftLength) {
    int tokens = sequence.tokens();
    Ahead ahead = sequence.ahead();
    int left = tokens - position - 1;
    int tested = ahead.tested(ready, draftLength);
    if (sequence.endKnown()) {
      tested = Math.min(tested, ahead.bonus() ? left : left + 1);
    }
    double[] sum = {
      1, latency.time(1, ahead.step(ready, draftLength, tested), sequence.promptTokens() + position)
    };
    double[] survival = new double[tokens + 1];
    sequence.law().survival(position, Math.min(tested, left), survival);
    for (int k = 0; k <= Math.min(tested, left); k++) {
      double more = k < Math.min(tested, left) ? survival[k + 1] : 0;
      int next = position + k + (k == tested && !ahead.bonus() ? 0 : 1);
      if (next < tokens && survival[k] > more) {
        double[] then =
            backward(sequence, latency, next, ahead.ready(next, k == tested), draftLength);
        sum[0] += (survival[k] - more) * then[0];
        sum[1] += (survival[k] - more) * then[1];
      }
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("rules")
  void forwardBackwardAndTimelinesAgree(VerificationRule rule) {
    SplittableRandom random = new SplittableRandom(4);
    int tokens = 12;
    double[] ratio = new double[tokens];
    double[] draftProbability = new double[tokens];
    boolean[] draftArgmax = new boolean[tokens];
    int[] rank = new int[tokens];
    for (int t = 0; t < tokens; t++) {
      rank[t] = 1 + random.nextInt(4);
      draftProbability[t] = random.nextInt(6) == 0 ? 0 : random.nextDouble();
      ratio[t] = draftProbability[t] / random.nextDouble(.05, 1);
      draftArgmax[t] = rank[t] == 1;
    }
    RuleLaw law = new RuleLaw(rule, new RecordedPath(ratio, draftProbability, draftArgmax));
    LatencyModel latency = new ConstantRatio(0.4);
    for (boolean endKnown : new boolean[] {true, false}) {
      for (Ahead ahead : new Ahead[] {new Ahead.Pearl(), new Ahead.Guesses(2, rank, true)}) {
        ReplaySequence sequence = new ReplaySequence("text/0", law, 5, endKnown).with(ahead);
        for (int draftLength : new int[] {1, 3}) {
          Costed exact = exact(sequence, draftLength, 0.4);
          double[] backward = backward(sequence, latency, 0, false, draftLength);
          assertEquals(backward[0], exact.steps(), 1e-9);
          assertEquals(backward[1], exact.time(), 1e-9);
          Costed sampled =
              Costed.sampled(
                  new FixedLength(draftLength), latency, 1, 4000, new RandomStreams(2), sequence);
          double mean = sampled.time();
          double variance =
              Arrays.stream(sampled.runTimes()).map(time -> (time - mean) * (time - mean)).sum()
                  / 3999;
          assertEquals(exact.time(), mean, 4 * Math.sqrt(variance / 4000) + 1e-9);
          assertEquals(exact.acceptedCounts()[0], sampled.acceptedCounts()[0], 0.15, rule.name());
        }
      }
    }
  }

  // Three tokens, target and draft by the last token.
  private static final double[][] P = {{.5, .3, .2}, {.1, .6, .3}, {.25, .25, .5}};
  private static final double[][] Q = {{.2, .5, .3}, {.3, .3, .4}, {.6, .2, .2}};

  /** PEARL as an engine runs it, by going through all that it may draw. */
  private static final class Engine {
    private static final int TOKENS = 4;
    private final int draftLength;
    private final double[] probability = new double[81]; // by text
    private final double[] steps = new double[81];

    Engine(int draftLength) {
      this.draftLength = draftLength;
    }

    /**
     * @param text committed tokens, then the drafted ones that are not yet verified
     * @param ready whether its drafted tokens were drafted during the step before
     */
    void step(int[] text, int committed, boolean ready, int taken, double weight) {
      if (committed >= TOKENS) {
        int index = 0;
        for (int t = 0; t < TOKENS; t++) {
          index = 3 * index + text[t];
        }
        probability[index] += weight;
        steps[index] += weight * taken;
        return;
      }
      draft(text, committed, ready, taken, weight, draftLength);
    }

    /**
     * K more drafted tokens, while the target's pass tests what there was, and the first of them.
     */
    private void draft(
        int[] text, int committed, boolean ready, int taken, double weight, int more) {
      if (more > 0) {
        for (int token = 0; token < 3; token++) {
          int[] longer = Arrays.copyOf(text, text.length + 1);
          longer[text.length] = token;
          int before = text.length == 0 ? 0 : text[text.length - 1];
          draft(longer, committed, ready, taken, weight * Q[before][token], more - 1);
        }
        return;
      }
      verify(text, committed, ready ? draftLength : 1, taken, weight);
    }

    private void verify(int[] text, int committed, int toTest, int taken, double weight) {
      if (toTest == 0) { // the rest of the drafted tokens is tested in the next step
        step(text, committed, true, taken + 1, weight);
        return;
      }
      double[] p = P[committed == 0 ? 0 : text[committed - 1]];
      double[] q = Q[committed == 0 ? 0 : text[committed - 1]];
      int drafted = text[committed];
      double keep = Math.min(1, p[drafted] / q[drafted]);
      if (keep > 0) {
        boolean last = committed + 1 >= TOKENS;
        if (last) {
          step(text, committed + 1, false, taken + 1, weight * keep);
        } else {
          verify(text, committed + 1, toTest - 1, taken, weight * keep);
        }
      }
      double residual = 0;
      for (int token = 0; token < 3; token++) {
        residual += Math.max(0, p[token] - q[token]);
      }
      for (int token = 0; keep < 1 && token < 3; token++) {
        if (p[token] > q[token]) {
          int[] recovered = Arrays.copyOf(text, committed + 1);
          recovered[committed] = token;
          step(
              recovered,
              committed + 1,
              false,
              taken + 1,
              weight * (1 - keep) * (p[token] - q[token]) / residual);
        }
      }
    }
  }

  @Test
  void pearlIsLosslessAndItsStepsAreThoseOfReplay() {
    for (int draftLength : new int[] {1, 2, 3}) {
      Engine engine = new Engine(draftLength);
      engine.step(new int[0], 0, false, 0, 1);
      for (int index = 0; index < 81; index++) {
        double[] ratio = new double[4];
        double[] draft = new double[4];
        double likelihood = 1;
        int before = 0;
        for (int t = 0, rest = index; t < 4; t++) {
          int power = (int) Math.pow(3, 3 - t);
          int token = rest / power;
          rest %= power;
          likelihood *= P[before][token];
          draft[t] = Q[before][token];
          ratio[t] = Q[before][token] / P[before][token];
          before = token;
        }
        assertEquals(likelihood, engine.probability[index], 1e-12);
        RuleLaw law = new RuleLaw(new TokenRule(), new RecordedPath(ratio, draft, null));
        Costed replay =
            exact(
                new ReplaySequence("text/0", law, 5, true).with(new Ahead.Pearl()),
                draftLength,
                0.1);
        assertEquals(likelihood * replay.steps(), engine.steps[index], 1e-12);
      }
    }
  }
}
