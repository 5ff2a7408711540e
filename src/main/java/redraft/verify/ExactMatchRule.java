package redraft.verify;

import java.util.List;
import java.util.random.RandomGenerator;
import redraft.draft.Proposal;
import redraft.sampling.Distribution;

/**
 * Two independent samples that must agree: the target draws a token of its own at every position,
 * and drafted tokens are kept while they equal it. What is emitted is always the target's draw. A
 * rule of theory: engines that compare tokens draft the most probable one, as {@link
 * GreedyDraftRule} does.
 */
public final class ExactMatchRule implements VerificationRule {
  @Override
  public String name() {
    return "exact-match";
  }

  @Override
  public Verdict verify(Proposal proposal, List<Distribution> target, RandomGenerator random) {
    for (int i = 0; i < proposal.length(); i++) {
      int own = target.get(i).sample(random);
      if (own != proposal.tokens()[i]) {
        return new Verdict(i, own);
      }
    }
    return new Verdict(proposal.length(), target.get(proposal.length()).sample(random));
  }

  /**
   * S_k = ∏_{i=1..k} q_i(x_i): the path is the target's draw, made without regard to the draft's.
   */
  @Override
  public void survival(RecordedPath path, int start, int draftLength, double[] survival) {
    survival[0] = 1;
    for (int k = 1; k <= draftLength; k++) {
      survival[k] = survival[k - 1] * path.draftProbability()[start + k - 1];
    }
  }

  @Override
  public boolean independent() {
    return true;
  }

  @Override
  public ContextAcceptance contextAcceptance() {
    return ContextAcceptance.MATCH;
  }

  @Override
  public String source() {
    return "two independent samples that must agree";
  }
}
