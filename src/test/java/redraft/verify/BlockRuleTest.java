package redraft.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import redraft.draft.Proposal;
import redraft.sampling.Distribution;
import redraft.verify.RuleLaws.Script;

class BlockRuleTest {
  private static final BlockRule BLOCK = new BlockRule();

  // p = (1/3 2/3), q = (2/3 1/3), drafted (0, 0): P = 1, 1/2, 1/4.
  // S_1 = (1/2·1/3 − 2/3)₊ + (1/2·2/3 − 1/3)₊ = 0, so h_1 = 0: kept whole with 1/4, else not at
  // all.
  // Then (p − q)₊ = (0 1/3): the recovered token is 1. The bonus follows p.
  @Test
  void twoOverestimatedTokensAreKeptTogetherOrNotAtAll() {
    Map<Verdict, Double> law = law(new int[] {0, 0});
    assertEquals(1 / 12., law.get(new Verdict(2, 0)), 1e-15);
    assertEquals(2 / 12., law.get(new Verdict(2, 1)), 1e-15);
    assertEquals(3 / 4., law.get(new Verdict(0, 1)), 1e-15);
    assertEquals(3, law.size());
  }

  // Drafted (1, 0): P = 1, 1, 1/2 and h_1 = 1: the first token is kept for sure.
  @Test
  void anUnderestimatedTokenIsKeptForSure() {
    Map<Verdict, Double> law = law(new int[] {1, 0});
    assertEquals(1 / 6., law.get(new Verdict(2, 0)), 1e-15);
    assertEquals(2 / 6., law.get(new Verdict(2, 1)), 1e-15);
    assertEquals(1 / 2., law.get(new Verdict(1, 1)), 1e-15);
    assertEquals(3, law.size());
  }

  private static Map<Verdict, Double> law(int[] drafted) {
    Distribution p = Distribution.of(1 / 3., 2 / 3.);
    Distribution q = Distribution.of(2 / 3., 1 / 3.);
    return RuleLaws.verdicts(BLOCK, new Proposal(drafted, List.of(q, q)), List.of(p, p, p));
  }

  // The first draw fails and the second succeeds: a rule that stopped at the first failure, from
  // the front, would keep nothing. p_1 = (.3 .7), q_1 = (.6 .4): P_1 = 1/2. p_2 = (.1 .9), q_2 =
  // (.9 .1): S_1 = (.45 − .1) = .35, h_1 = .35/.85 = .41. Drafted 0 again: P_2 = 1/18.
  @Test
  void theLongestPrefixWhoseDrawSucceedsIsTaken() {
    Proposal proposal =
        new Proposal(new int[] {0, 0}, List.of(Distribution.of(.6, .4), Distribution.of(.9, .1)));
    List<Distribution> target =
        List.of(Distribution.of(.3, .7), Distribution.of(.1, .9), Distribution.of(.5, .5));
    // Draws: whole block (succeeds below 1/18), prefix of one (below .41), then the emitted token.
    assertEquals(2, BLOCK.verify(proposal, target, new Script(.05, .99, .99)).acceptedCount());
    assertEquals(1, BLOCK.verify(proposal, target, new Script(.06, .41, .99)).acceptedCount());
    assertEquals(0, BLOCK.verify(proposal, target, new Script(.06, .42, .99)).acceptedCount());
  }

  // h = 0/0 at every prefix.
  @Test
  void aDraftEqualToTheTargetIsAlwaysKeptWhole() {
    Distribution p = Distribution.of(.2, .5, .3);
    Proposal proposal = new Proposal(new int[] {0, 2, 1}, List.of(p, p, p));
    Map<Verdict, Double> law = RuleLaws.verdicts(BLOCK, proposal, List.of(p, p, p, p));
    assertEquals(.2, law.get(new Verdict(3, 0)), 1e-15);
    assertEquals(.5, law.get(new Verdict(3, 1)), 1e-15);
    assertEquals(.3, law.get(new Verdict(3, 2)), 1e-15);
    assertEquals(3, law.size());
  }

  // Even a random number of exactly 0, a later token of surplus, and a q of 0.
  @Test
  void aTokenOfTargetProbabilityZeroEndsTheBlock() {
    Distribution p = Distribution.of(0, 1);
    Distribution later = Distribution.of(1, 0);
    for (Distribution q : List.of(Distribution.of(.5, .5), p)) {
      Proposal proposal = new Proposal(new int[] {0, 0}, List.of(q, Distribution.of(.1, .9)));
      Map<Verdict, Double> law = RuleLaws.verdicts(BLOCK, proposal, List.of(p, later, later));
      assertEquals(Map.of(new Verdict(0, 1), 1.0), law);
    }
  }

  @Test
  void nothingDraftedEmitsTheTargetsToken() {
    Map<Verdict, Double> law =
        RuleLaws.verdicts(BLOCK, Proposal.EMPTY, List.of(Distribution.of(.25, .75)));
    assertEquals(Map.of(new Verdict(0, 0), .25, new Verdict(0, 1), .75), law);
  }
}
