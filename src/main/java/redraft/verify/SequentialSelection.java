package redraft.verify;

import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import redraft.sampling.Distribution;

/**
 * K-SEQ: candidates drawn independently, each accepted with min(1, p / (ρ·q)), where ρ is the least
 * for which all of them together accept no token more often than the target emits it.
 *
 * <p>Sun et al. 2023, SpecTr, <a href="https://arxiv.org/abs/2310.15141">arXiv:2310.15141</a>,
 * Algorithm 3.
 */
public final class SequentialSelection extends SampledCandidates {
  private static final int HALVINGS = 50; // of the interval of ρ

  /**
   * What does not depend on the candidates.
   *
   * @param scale 1/ρ
   * @param accepts β = Σ min(p/ρ, q), the chance that a candidate is accepted
   */
  private record Plan(double scale, double accepts, int count) {
    /** (1 − (1 − β)^k) / β: how much more often one of k is accepted than one alone. */
    double gain() {
      return accepts == 0 ? count : (1 - Math.pow(1 - accepts, count)) / accepts;
    }
  }

  @Override
  public String name() {
    return "k-seq";
  }

  private static Plan plan(Distribution p, Distribution q, int count) {
    double low = 1;
    double high = count;
    for (int i = 0; i < HALVINGS && low < high; i++) {
      double middle = i == 0 ? 1 : (low + high) / 2; // 1 itself first, which is exact for one
      if (new Plan(1 / middle, accepts(p, q, middle), count).gain() <= middle) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return new Plan(1 / high, accepts(p, q, high), count);
  }

  private static double accepts(Distribution p, Distribution q, double rho) {
    return Math.max(0, 1 / rho - p.excess(1 / rho, q));
  }

  @Override
  public int[] candidates(Distribution q, int count, RandomGenerator random) {
    return IntStream.range(0, count).map(i -> q.sample(random)).toArray();
  }

  @Override
  public Choice choose(Distribution p, Distribution q, int[] candidates, RandomGenerator random) {
    Plan plan = plan(p, q, candidates.length);
    for (int i = 0; i < candidates.length; i++) {
      int token = candidates[i];
      if (random.nextDouble() * q.probability(token) < plan.scale * p.probability(token)) {
        return new Choice(i, token);
      }
    }
    return new Choice(-1, p.remainder(plan.gain(), plan.scale, q).sample(random));
  }

  /** A_i = (1 − β)^{i−1} · min(p/ρ, q). */
  @Override
  public double[] ladder(
      Distribution p, Distribution q, int token, int count, RandomGenerator random) {
    Plan plan = plan(p, q, count);
    double own = p.probability(token);
    double[] ladder = new double[count];
    double reached = 1;
    for (int i = 0; i < count; i++) {
      ladder[i] = reached * Math.min(plan.scale * own, q.probability(token)) / own;
      reached *= 1 - plan.accepts;
    }
    return ladder;
  }

  @Override
  public boolean drawnIndependently() {
    return true;
  }

  /** 1 − (1 − β)^i. */
  @Override
  public double[] accepted(Distribution p, Distribution q, int count) {
    double missed = 1 - plan(p, q, count).accepts;
    return IntStream.rangeClosed(1, count).mapToDouble(i -> 1 - Math.pow(missed, i)).toArray();
  }

  /** ρ depends on the number of candidates. */
  @Override
  public boolean nested() {
    return false;
  }

  @Override
  public String source() {
    return "Sun et al. 2023, SpecTr, arXiv:2310.15141";
  }
}
