package redraft.verify;

import java.util.List;
import java.util.random.RandomGenerator;
import redraft.draft.Proposal;
import redraft.sampling.Distribution;

/**
 * Verification of the drafted block as a whole: as lossless as the token rule and never accepting
 * less on average, because a token that the target likes more than the draft makes up for one that
 * it likes less.
 *
 * <p>Algorithm 2 of <a href="https://arxiv.org/abs/2403.10444">Sun et al. 2024</a>.
 */
public final class BlockRule implements VerificationRule {
  @Override
  public String name() {
    return "block";
  }

  @Override
  public Verdict verify(Proposal proposal, List<Distribution> target, RandomGenerator random) {
    int drafted = proposal.length();
    List<Distribution> q = proposal.distributions();
    double[] kept = new double[drafted + 1]; // P_i: the chance to keep at least i of these tokens
    kept[0] = 1;
    for (int i = 0; i < drafted; i++) {
      int token = proposal.tokens()[i];
      double weight = kept[i] * target.get(i).probability(token);
      // Never 0/0: a token of target probability 0 ends the block, whatever its q.
      kept[i + 1] = weight == 0 ? 0 : Math.min(1, weight / q.get(i).probability(token));
    }
    // The longest prefix whose own draw succeeds, so from the back; P_0 = 1, so the empty one does.
    if (random.nextDouble() < kept[drafted]) {
      return new Verdict(drafted, target.get(drafted).sample(random));
    }
    int accepted = drafted - 1;
    while (random.nextDouble() >= stop(kept[accepted], target.get(accepted), q.get(accepted))) {
      accepted--;
    }
    Distribution recovered = target.get(accepted).residual(kept[accepted], q.get(accepted));
    return new Verdict(accepted, recovered.sample(random));
  }

  /**
   * h_i = S / (S + 1 − P_i) with S = Σ_v (P_i·p(v) − q(v))₊: the chance that the prefix of i tokens
   * is taken when no longer one is.
   */
  private static double stop(double kept, Distribution p, Distribution q) {
    if (kept == 1) {
      return 1; // for any S > 0, and the limit where p = q, which is 0/0
    }
    double excess = p.excess(kept, q);
    return excess / (excess + 1 - kept);
  }

  @Override
  public double[] factors(RecordedPath path) {
    return path.ratio();
  }

  /**
   * S_k = min_{0≤j≤k} ∏_{i=1..j} r_i. Whatever the block's length, P(τ ≥ k | drafted tokens 1 … k)
   * = P_k = min over j of ∏_{i=j+1..k} 1/r_i; a path whose first k tokens were drafted and kept has
   * probability ∏q·P_k times the target's of the rest; divide by the target's of the whole.
   */
  @Override
  public void survival(RecordedPath path, int start, int draftLength, double[] survival) {
    double product = 1;
    survival[0] = 1;
    for (int k = 1; k <= draftLength; k++) {
      product *= path.ratio()[start + k - 1];
      survival[k] = Math.min(survival[k - 1], product);
    }
  }

  @Override
  public String source() {
    return "Sun et al. 2024, Block Verification Accelerates Speculative Decoding, arXiv:2403.10444";
  }
}
