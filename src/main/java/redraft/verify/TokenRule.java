package redraft.verify;

import java.util.List;
import java.util.random.RandomGenerator;
import redraft.draft.Proposal;
import redraft.sampling.Distribution;

/**
 * Token-by-token rejection sampling: the emitted tokens are distributed as if sampled from the
 * target alone.
 *
 * <p>Algorithm 1 of <a href="https://arxiv.org/abs/2211.17192">Leviathan et al. 2023</a>; Algorithm
 * 2 of <a href="https://arxiv.org/abs/2302.01318">Chen et al. 2023</a>.
 */
public final class TokenRule implements VerificationRule {
  @Override
  public String name() {
    return "token";
  }

  @Override
  public Verdict verify(Proposal proposal, List<Distribution> target, RandomGenerator random) {
    for (int i = 0; i < proposal.length(); i++) {
      int token = proposal.tokens()[i];
      Distribution p = target.get(i);
      Distribution q = proposal.distributions().get(i);
      // Accept with probability min(1, p/q). Strict and without the division: p = 0 never accepts,
      // p >= q always does.
      boolean accepted = random.nextDouble() * q.probability(token) < p.probability(token);
      if (!accepted) {
        return new Verdict(i, p.residual(q).sample(random));
      }
    }
    return new Verdict(proposal.length(), target.get(proposal.length()).sample(random));
  }

  /**
   * S_k = ∏_{i=1..k} min(1, r_i). A token x comes out accepted with probability min(p, q)(x) =
   * p(x)·min(1, r) and recovered with (p − q)₊(x) = p(x)·(1 − min(1, r)), so that given the path
   * the acceptances are independent.
   */
  @Override
  public void survival(RecordedPath path, int start, int draftLength, double[] survival) {
    double product = 1;
    survival[0] = 1;
    for (int k = 1; k <= draftLength; k++) {
      product *= Math.min(1, path.ratio()[start + k - 1]);
      survival[k] = product;
    }
  }

  @Override
  public boolean independent() {
    return true;
  }

  @Override
  public ContextAcceptance contextAcceptance() {
    return ContextAcceptance.OVERLAP;
  }

  @Override
  public String source() {
    return "Leviathan, Kalman, Matias 2023, Fast Inference from Transformers via Speculative Decoding, arXiv:2211.17192; Chen et al. 2023, Accelerating Large Language Model Decoding with Speculative Sampling, arXiv:2302.01318";
  }
}
