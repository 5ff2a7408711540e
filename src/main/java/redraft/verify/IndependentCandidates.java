package redraft.verify;

import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import redraft.sampling.Distribution;

/**
 * Candidates drawn independently of each other, verified one after the other by recursive rejection
 * sampling: each against what the rejected ones before it left of the target. O(k · V).
 *
 * <p>Miao et al. 2023, SpecInfer, <a href="https://arxiv.org/abs/2305.09781">arXiv:2305.09781</a>,
 * §4.3.
 */
public final class IndependentCandidates extends SampledCandidates {
  @Override
  public String name() {
    return "iid";
  }

  @Override
  public int[] candidates(Distribution q, int count, RandomGenerator random) {
    return IntStream.range(0, count).map(i -> q.sample(random)).toArray();
  }

  @Override
  public Choice choose(Distribution p, Distribution q, int[] candidates, RandomGenerator random) {
    Distribution left = p;
    for (int i = 0; i < candidates.length; i++) {
      int token = candidates[i];
      if (random.nextDouble() * q.probability(token) < left.probability(token)) {
        return new Choice(i, token);
      }
      left = left.residual(q);
    }
    return new Choice(-1, left.sample(random));
  }

  /**
   * A_i = ∏_{j&lt;i} (1 − Σ min(r_j, q)) · min(r_i, q), with r_1 = p and r_{i+1} = norm((r_i −
   * q)₊): what is left does not depend on which tokens were rejected.
   */
  @Override
  public double[] ladder(
      Distribution p, Distribution q, int token, int count, RandomGenerator random) {
    double[] ladder = new double[count];
    Distribution left = p;
    double reached = 1;
    for (int i = 0; i < count && reached > 0; i++) {
      ladder[i] =
          reached * Math.min(left.probability(token), q.probability(token)) / p.probability(token);
      reached *= Math.max(0, 1 - left.overlap(q));
      left = left.residual(q);
    }
    return ladder;
  }

  @Override
  public boolean drawnIndependently() {
    return true;
  }

  /** 1 − ∏_{j≤i} (1 − Σ min(r_j, q)). */
  @Override
  public double[] accepted(Distribution p, Distribution q, int count) {
    double[] accepted = new double[count];
    Distribution left = p;
    double reached = 1;
    for (int i = 0; i < count; i++) {
      reached *= Math.max(0, 1 - left.overlap(q));
      accepted[i] = 1 - reached;
      left = reached > 0 ? left.residual(q) : left;
    }
    return accepted;
  }

  @Override
  public String source() {
    return "Miao et al. 2023, SpecInfer, arXiv:2305.09781";
  }
}
