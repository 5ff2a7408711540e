package redraft.verify;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import redraft.sampling.Distribution;

/**
 * Candidates drawn without replacement, verified one after the other: a rejected token is taken out
 * of the draft's distribution, so that none is proposed twice.
 *
 * <p>Chen et al. 2024, Sequoia, <a href="https://arxiv.org/abs/2402.12374">arXiv:2402.12374</a>,
 * §3.2; Jeon et al. 2024, Recursive Speculative Decoding, arXiv:2402.14160.
 */
public final class WithoutReplacement extends SampledCandidates {
  private static final int DRAWS = 16;

  private final int draws; // of rejected candidates, for an estimate

  public WithoutReplacement() {
    this(DRAWS);
  }

  WithoutReplacement(int draws) {
    this.draws = draws;
  }

  @Override
  public String name() {
    return "wor";
  }

  @Override
  public int[] candidates(Distribution q, int count, RandomGenerator random) {
    int[] candidates = new int[count];
    Distribution left = q;
    for (int i = 0; i < count; i++) {
      candidates[i] = left.sample(random);
      left = left.without(candidates[i]);
      if (left == null) {
        return Arrays.copyOf(candidates, i + 1);
      }
    }
    return candidates;
  }

  @Override
  public Choice choose(Distribution p, Distribution q, int[] candidates, RandomGenerator random) {
    Distribution target = p;
    Distribution draft = q;
    for (int i = 0; i < candidates.length; i++) {
      int token = candidates[i];
      if (random.nextDouble() * draft.probability(token) < target.probability(token)) {
        return new Choice(i, token);
      }
      target = target.residual(draft);
      draft = draft.without(token);
    }
    return new Choice(-1, target.sample(random));
  }

  /**
   * A_i sums over the rejected candidates y_1 … y_{i−1}, each drawn and rejected with (q_j −
   * r_j)₊(y_j), of min(r_i, q_i); r_i depends on y_1 … y_{i−2}. Exact in O(V) for two candidates,
   * whose r_2 depends on none. For more the rejected ones are drawn, which is unbiased: within one
   * draw the A_i are those of candidates 2 … k given which were rejected, so that they add up to no
   * more than p as well.
   */
  @Override
  public double[] ladder(
      Distribution p, Distribution q, int token, int count, RandomGenerator random) {
    double[] ladder = new double[count];
    ladder[0] = Math.min(p.probability(token), q.probability(token));
    double rejected = Math.max(0, 1 - p.overlap(q));
    if (count > 1 && rejected > 0 && q.probability(token) < p.probability(token)) {
      Distribution target = p.residual(q);
      if (count == 2) {
        ladder[1] = second(p, q, token, target);
      } else {
        for (int draw = 0; draw < draws; draw++) {
          add(ladder, target, q, q.residual(p), token, rejected, random);
        }
      }
    }
    for (int i = 0; i < count; i++) {
      ladder[i] /= p.probability(token);
    }
    return ladder;
  }

  private static double second(Distribution p, Distribution q, int token, Distribution target) {
    double sum = 0;
    for (int y = 0; y < q.vocabularySize(); y++) {
      double rejected = q.probability(y) - p.probability(y);
      if (rejected > 0) { // not the token itself, which p likes more
        double left = 1 - q.probability(y);
        double draft = left > 0 ? q.probability(token) / left : 0;
        sum += rejected * Math.min(draft, target.probability(token));
      }
    }
    return sum;
  }

  /**
   * One draw of the rejected candidates.
   *
   * @param target r_2
   * @param rejected norm((q − p)₊), which the first one is drawn from
   * @param reached P(the first one is rejected)
   */
  private void add(
      double[] ladder,
      Distribution target,
      Distribution q,
      Distribution rejected,
      int token,
      double reached,
      RandomGenerator random) {
    Distribution draft = q;
    for (int i = 1; ; i++) {
      draft = draft.without(rejected.sample(random));
      if (draft == null) {
        return;
      }
      ladder[i] += reached * Math.min(target.probability(token), draft.probability(token)) / draws;
      reached *= Math.max(0, 1 - target.overlap(draft));
      if (i == ladder.length - 1 || reached == 0) {
        return;
      }
      rejected = draft.residual(target);
      target = target.residual(draft);
    }
  }

  @Override
  public boolean estimated(int count) {
    return count > 2;
  }

  @Override
  public String source() {
    return "Chen et al. 2024, Sequoia, arXiv:2402.12374";
  }
}
