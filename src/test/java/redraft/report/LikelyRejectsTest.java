package redraft.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;
import redraft.report.LikelyRejects.Proposed;
import redraft.trace.TraceHeader.Sampling;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.CommittedPath;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSequence.Label;
import redraft.trace.TraceSequence.Prefix;
import redraft.trace.TraceSequence.Target;
import redraft.trace.TraceSequence.TopLogits;

class LikelyRejectsTest {
  private static TopLogits top(int[] tokens, double rest, double... probabilities) {
    float[] logits = new float[probabilities.length];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) Math.log(probabilities[i]) + 3; // whatever is added to all of them
    }
    return new TopLogits(
        new int[][] {tokens}, new float[][] {logits}, new double[] {Math.log(rest)});
  }

  private static TraceSequence sequence(int token, TopLogits p, TopLogits q) {
    return new TraceSequence(
        new Label("a", 0, "all"),
        new Prefix("", new int[] {9}),
        new CommittedPath(new int[] {token}, Finish.LENGTH),
        new Target(new double[1], new double[1], new double[1], p),
        List.of(new Draft(new double[1], new int[1], new double[1], q)));
  }

  // p = (.5 .3 .2 0), q = (.1 .2 .3 .4): (q − p)₊ = (0 0 .1 .4), of which token 3 is 4 of 5
  @Test
  void theLikeliestRejectedDrawIsTheOneThatTheDraftOverestimatesMost() {
    TraceSequence sequence =
        sequence(
            0,
            top(new int[] {0, 1, 2}, 0, .5, .3, .2),
            top(new int[] {3, 2, 1, 0}, 0, .4, .3, .2, .1));
    Proposed proposed = LikelyRejects.drawn(new Sampling(1, 0, 1, 0), sequence, 0);
    assertArrayEquals(new int[] {3}, proposed.tokens());
    assertEquals(.8, proposed.shares()[0], 1e-6);
    assertNull(LikelyRejects.drawn(new Sampling(0.7, 0, 1, 0), sequence, 0), "not known at 0.7");
  }

  // q lists (.4 .3) and leaves .3: of .4 + .3 − .2 + .3 rejected in all, .4 is token 3
  @Test
  void whatIsNotListedCountsAsRejected() {
    TraceSequence sequence =
        sequence(0, top(new int[] {0, 1, 2}, 0, .5, .3, .2), top(new int[] {3, 2}, .3, .4, .3));
    Proposed proposed = LikelyRejects.drawn(new Sampling(1, 0, 1, 0), sequence, 0);
    assertEquals(.4 / .8, proposed.shares()[0], 1e-6);
  }

  @Test
  void aFirstChoiceIsRejectedForCertainWhereTheTextGoesOnOtherwise() {
    TopLogits q = top(new int[] {3, 2}, .3, .4, .3);
    assertArrayEquals(new int[] {3}, LikelyRejects.choices(sequence(0, q, q), 0).tokens());
    assertArrayEquals(new int[] {-1}, LikelyRejects.choices(sequence(3, q, q), 0).tokens());
    assertNull(LikelyRejects.choices(sequence(3, null, null), 0));
  }
}
