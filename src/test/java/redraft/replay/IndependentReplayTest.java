package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.latency.LatencyModel;
import redraft.policy.FixedLength;
import redraft.verify.RecordedPath;
import redraft.verify.TokenRule;

/** The recursion without a sum over k gives what the sum gives. */
class IndependentReplayTest {
  /** Every part of the price has its own size, and all grow with the context. */
  private static final LatencyModel LATENCY =
      new LatencyModel() {
        @Override
        public String name() {
          return "test";
        }

        @Override
        public Unit unit() {
          return Unit.MILLISECONDS;
        }

        @Override
        public double targetPass(int batch, int rows, int contextTokens) {
          return 3 + 0.25 * rows + 0.01 * contextTokens;
        }

        @Override
        public double draftPass(int batch, int rows, int contextTokens) {
          return 0.5 + 0.0625 * rows + 0.001 * contextTokens;
        }

        @Override
        public double stepOverhead(int batch) {
          return 0.125;
        }
      };

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 12, 40})
  void bothWaysAgree(int draftLength) {
    SplittableRandom random = new SplittableRandom(draftLength);
    for (int trial = 0; trial < 60; trial++) {
      double[] ratio = new double[1 + random.nextInt(90)];
      for (int t = 0; t < ratio.length; t++) {
        ratio[t] = random.nextInt(5) == 0 ? 0 : 1.6 * random.nextDouble();
      }
      ReplaySequence course =
          new ReplaySequence(
              "text",
              new RuleLaw(new TokenRule(), new RecordedPath(ratio, null, null)),
              9,
              trial % 2 == 0);
      Costed summed = Costed.exact(new FixedLength(draftLength), LATENCY, 1, true, course);
      Costed direct = Costed.exact(new FixedLength(draftLength), LATENCY, 1, false, course);
      assertEquals(summed.steps(), direct.steps(), 1e-11 * ratio.length);
      assertEquals(summed.drafted(), direct.drafted(), 1e-11 * ratio.length);
      assertEquals(summed.time(), direct.time(), 1e-10 * ratio.length);
      assertEquals(summed.baselineTime(), direct.baselineTime());
    }
  }
}
