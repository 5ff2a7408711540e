package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import redraft.latency.ConstantRatio;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.FixedLength;
import redraft.policy.Heuristic;
import redraft.verify.RecordedPath;
import redraft.verify.TokenRule;

class OracleReplayTest {
  private static Course course(double... ratio) {
    return new Course(
        "text", new RuleLaw(new TokenRule(), new RecordedPath(ratio, null, null)), 5, true);
  }

  // Tokens 0 and 1 are always accepted, 2 never, 3 always, 4 is the last of its step in any case:
  // steps 0–2 and 3–4. At cost ratio 1/4: (1 + 2/4) + (1 + 1/4).
  @Test
  void theOracleDraftsUpToEachRejection() {
    Expectation oracle = new OracleReplay(new ConstantRatio(0.25), 1).replay(course(1, 2, 0, 1, 0));
    assertEquals(2, oracle.steps());
    assertEquals(3, oracle.drafted());
    assertEquals(2.75, oracle.time());
  }

  @Test
  void whereAcceptancesAreIndependentNoPolicyTakesFewerSteps() {
    SplittableRandom random = new SplittableRandom(4);
    int fewer = 0;
    for (int trial = 0; trial < 50; trial++) {
      Course course = course(random.doubles(30, 0, 2).toArray());
      double oracle = new OracleReplay(new ConstantRatio(0), 1).replay(course).steps();
      for (DraftLengthPolicy policy :
          new DraftLengthPolicy[] {
            new FixedLength(1), new FixedLength(3), new FixedLength(40), new Heuristic()
          }) {
        double steps =
            new ExactReplay(policy, new ConstantRatio(0), 1, false).replay(course).steps();
        assertTrue(oracle <= steps + 1e-9, oracle + " steps, " + policy + " " + steps);
        fewer += oracle < steps - 1e-3 ? 1 : 0;
      }
    }
    assertTrue(fewer > 100, "fewer in " + fewer + " of 200 comparisons");
  }
}
