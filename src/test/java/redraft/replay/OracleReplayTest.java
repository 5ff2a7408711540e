package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.latency.ConstantRatio;
import redraft.latency.LatencyModel;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.FixedLength;
import redraft.policy.Heuristic;
import redraft.policy.Oracle;
import redraft.steps.StepLog;
import redraft.verify.RecordedPath;
import redraft.verify.TokenRule;

class OracleReplayTest {
  private static ReplaySequence course(boolean endKnown, double... ratio) {
    RecordedPath path =
        new RecordedPath(ratio, new double[ratio.length], new boolean[ratio.length]);
    return new ReplaySequence("text", new RuleLaw(new TokenRule(), path), 5, endKnown);
  }

  // N = 3, every token accepted with 1/2. Steps start at 0 surely, at 1 after a rejection (1/2), at
  // 2 if token 1 is rejected (1/2): two steps, one accepted token, one drafted. Time 2 + 0.1.
  @Test
  void threeTokensByHand() {
    Costed expected =
        Costed.exact(new Oracle(), new ConstantRatio(.1), 1, true, course(true, .5, .5, .5));
    assertEquals(2, expected.steps(), 1e-15);
    assertEquals(1, expected.drafted(), 1e-15);
    // Blocks of 0: from 0 (1/2), from 1 (1/4), from 2 (1/2); of 1: from 0 and from 1 (1/4 each).
    assertArrayEquals(new double[] {1.25, .5, .25}, expected.acceptedCounts(), 1e-15);
    assertEquals(2.1, expected.time(), 1e-15);
    assertEquals(3, expected.baselineTime());
  }

  // The last token comes from the target in any case, whether or not the end was known: drafting it
  // would cost time for nothing.
  @Test
  void neverDraftsTheLastToken() {
    for (boolean endKnown : new boolean[] {true, false}) {
      Costed expected =
          Costed.exact(new Oracle(), new ConstantRatio(.1), 1, true, course(endKnown, 1, 1, 1));
      assertEquals(1, expected.steps());
      assertEquals(2, expected.drafted());
      assertEquals(1.2, expected.time(), 1e-15);
    }
  }

  // While a draft pass costs no more than a target pass.
  @ParameterizedTest
  @ValueSource(doubles = {0, .1, .5, 1})
  void noDraftLengthBeatsTheOracle(double costRatio) {
    LatencyModel latency = new ConstantRatio(costRatio);
    SplittableRandom random = new SplittableRandom(3);
    for (int trial = 0; trial < 40; trial++) {
      double[] ratio = new double[1 + random.nextInt(30)];
      for (int t = 0; t < ratio.length; t++) {
        ratio[t] = random.nextInt(4) == 0 ? random.nextDouble() : 1;
      }
      ReplaySequence course = course(trial % 2 == 0, ratio);
      double oracle = Costed.exact(new Oracle(), latency, 1, true, course).time();
      assertTrue(oracle <= ratio.length + 1e-12, "slower than plain decoding");
      for (int length = 1; length <= 12; length++) {
        double fixed = Costed.exact(new FixedLength(length), latency, 1, false, course).time();
        double heuristic = Costed.exact(new Heuristic(length), latency, 1, false, course).time();
        assertTrue(oracle <= fixed + 1e-12, "draft length " + length + ": " + fixed);
        assertTrue(oracle <= heuristic + 1e-12, "from draft length " + length + ": " + heuristic);
      }
    }
  }

  // Tokens 0 and 1 are always accepted, 2 never, 3 always, 4 is the last of its step in any case:
  // steps 0–2 and 3–4. At cost ratio 1/4: (1 + 2/4) + (1 + 1/4).
  @Test
  void theOracleDraftsUpToEachRejection() {
    Costed oracle =
        Costed.exact(new Oracle(), new ConstantRatio(0.25), 1, true, course(true, 1, 2, 0, 1, 0));
    assertEquals(2, oracle.steps());
    assertEquals(3, oracle.drafted());
    assertEquals(2.75, oracle.time());
  }

  /** A law that counts how many probabilities it is asked for. */
  private record Counting(AcceptanceLaw law, LongAdder asked) implements AcceptanceLaw {
    @Override
    public int length() {
      return law.length();
    }

    @Override
    public void survival(int position, int draftLength, double[] survival) {
      asked.add(draftLength);
      law.survival(position, draftLength, survival);
    }
  }

  private static long asked(int tokens) {
    double[] ratio = new SplittableRandom(5).doubles(tokens, 0.1, 1).toArray();
    ReplaySequence course = course(true, ratio);
    LongAdder asked = new LongAdder();
    ReplaySequence counted = course.with(new Counting(course.law(), asked));
    new ExactReplay(new Oracle(), false).replay(counted, new StepLog(tokens));
    return asked.sum();
  }

  // No more than a block accepts is asked for, whatever is left of the text: 4 times the tokens are
  // about 4 times the work, and were 16 times.
  @Test
  void theWorkGrowsWithTheTextAndNotWithItsSquare() {
    long few = asked(2_000);
    long many = asked(8_000);
    assertTrue(many < 6 * few, many + " after " + few);
  }

  @Test
  void whereAcceptancesAreIndependentNoPolicyTakesFewerSteps() {
    SplittableRandom random = new SplittableRandom(4);
    int fewer = 0;
    for (int trial = 0; trial < 50; trial++) {
      ReplaySequence course = course(true, random.doubles(30, 0, 2).toArray());
      double oracle = Costed.exact(new Oracle(), new ConstantRatio(0), 1, true, course).steps();
      for (DraftLengthPolicy policy :
          new DraftLengthPolicy[] {
            new FixedLength(1), new FixedLength(3), new FixedLength(40), new Heuristic()
          }) {
        double steps = Costed.exact(policy, new ConstantRatio(0), 1, false, course).steps();
        assertTrue(oracle <= steps + 1e-9, oracle + " steps, " + policy + " " + steps);
        fewer += oracle < steps - 1e-3 ? 1 : 0;
      }
    }
    assertTrue(fewer > 100, "fewer in " + fewer + " of 200 comparisons");
  }
}
