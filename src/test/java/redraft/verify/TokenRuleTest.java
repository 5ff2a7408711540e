package redraft.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import redraft.draft.Proposal;
import redraft.sampling.Distribution;
import redraft.verify.RuleLaws.Script;

class TokenRuleTest {
  private static final double LARGEST = Math.nextDown(1.0);
  private static final Distribution P = Distribution.of(.5, .3, .2, 0);
  private static final Distribution Q = Distribution.of(.1, .2, .3, .4);
  private static final Distribution BONUS = Distribution.oneHot(3, 4);

  private final TokenRule rule = new TokenRule();

  private Verdict verify(int token, double... uniforms) {
    return rule.verify(
        new Proposal(new int[] {token}, List.of(Q)), List.of(P, BONUS), new Script(uniforms));
  }

  // Token 2 has p/q = .2/.3: accepted below 2/3.
  @Test
  void acceptsBelowTheRatio() {
    assertEquals(new Verdict(1, 3), verify(2, .6666, 0));
    assertEquals(new Verdict(0, 0), verify(2, .6667, 0));
  }

  // p = .25, q = .5: u = 1/2 is the first that rejects.
  @Test
  void theRatioItselfRejects() {
    Distribution p = Distribution.of(.25, .75);
    Distribution q = Distribution.of(.5, .5);
    Proposal proposal = new Proposal(new int[] {0}, List.of(q));
    assertEquals(
        new Verdict(1, 0), rule.verify(proposal, List.of(p, q), new Script(Math.nextDown(.5), 0)));
    assertEquals(new Verdict(0, 1), rule.verify(proposal, List.of(p, q), new Script(.5, 0)));
  }

  @Test
  void aTokenTheTargetNeverWritesIsRejectedEvenAtUniformZero() {
    assertEquals(new Verdict(0, 0), verify(3, 0, 0));
  }

  @Test
  void aTokenTheDraftUnderestimatesIsAlwaysAccepted() {
    assertEquals(new Verdict(1, 3), verify(0, LARGEST, 0));
    assertEquals(new Verdict(1, 3), verify(1, LARGEST, 0));
  }

  // Residual (.8 .2 0 0): token 0 below .8, token 1 from there.
  @Test
  void theRecoveredTokenIsDrawnFromTheResidual() {
    assertEquals(new Verdict(0, 0), verify(3, .9, .79));
    assertEquals(new Verdict(0, 1), verify(3, .9, .81));
    assertEquals(new Verdict(0, 1), verify(3, .9, LARGEST));
  }

  @Test
  void stopsAtTheFirstRejection() {
    Proposal proposal = new Proposal(new int[] {0, 2, 0}, List.of(Q, Q, Q));
    List<Distribution> target = List.of(P, P, P, BONUS);
    assertEquals(new Verdict(1, 0), rule.verify(proposal, target, new Script(.99, .99, 0)));
  }

  @Test
  void withNothingDraftedTheStepIsOneOfPlainDecoding() {
    assertEquals(new Verdict(0, 1), rule.verify(Proposal.EMPTY, List.of(P), new Script(.6)));
  }

  // Token 2: accepted with 2/3, then the bonus; else recovered from (.8 .2 0 0).
  @Test
  void theLawOfOneVerification() {
    Map<Verdict, Double> law =
        RuleLaws.verdicts(
            rule,
            new Proposal(new int[] {2}, List.of(Q)),
            List.of(P, Distribution.of(.5, 0, 0, .5)));
    assertEquals(4, law.size());
    assertEquals(1 / 3., law.get(new Verdict(1, 0)), 1e-15);
    assertEquals(1 / 3., law.get(new Verdict(1, 3)), 1e-15);
    assertEquals(.8 / 3, law.get(new Verdict(0, 0)), 1e-15);
    assertEquals(.2 / 3, law.get(new Verdict(0, 1)), 1e-15);
  }

  // r = (.5, 2, 0, .25) from position 1: 1, .5, .5 · 1, 0, 0.
  @Test
  void survivalMultipliesTheRatiosCappedAtOne() {
    double[] ratio = {9, .5, 2, 0, .25};
    double[] survival = new double[6];
    survival[5] = -1;
    rule.survival(new RecordedPath(ratio, new double[5], new boolean[5]), 1, 4, survival);
    assertArrayEquals(new double[] {1, .5, .5, 0, 0, -1}, survival);
  }
}
