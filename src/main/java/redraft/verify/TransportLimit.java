package redraft.verify;

import java.util.Arrays;
import redraft.sampling.Distribution;

/**
 * The most that any rule accepts of a node of k candidates drawn independently, without changing
 * what is emitted: the optimal transport between the candidates and the target. O(V log V).
 *
 * <p>Sun et al. 2023, SpecTr, arXiv:2310.15141, §4, as the cut of least weight: {@code 1 + min_H
 * (p(H) − q(H)^k)} over sets H of tokens, of which the beginnings in the order of p/q are enough
 * (docs/theory.md, "Sampled candidates").
 */
public final class TransportLimit {
  private TransportLimit() {}

  /**
   * The chance that one of i candidates is accepted, at most, for i = 1 … count.
   *
   * @param count of candidates; none are of none
   * @return [count]
   */
  public static double[] accepted(Distribution p, Distribution q, int count) {
    double[] least = new double[count]; // 0 is of no tokens
    double target = 0;
    double draft = 0;
    for (long key : count == 0 ? new long[0] : ascending(p, q, count)) {
      int token = (int) (key & tokenMask(q));
      target += p.probability(token);
      draft += q.probability(token);
      double drawn = 1; // q(H)^i
      for (int i = 0; i < count; i++) {
        drawn *= draft;
        least[i] = Math.min(least[i], target - drawn);
      }
    }
    return Arrays.stream(least).map(value -> 1 + value).toArray();
  }

  /**
   * Tokens in the order of p/q, each in the last bits of a key whose first bits are the ratio: 34
   * bits of its fraction at a vocabulary of 2^18, and any order of ratios closer than that is a
   * bound as well. Without tokens of {@code p ≥ count · q}, because leaving one out of a set takes
   * p from p(H) and no more than {@code count · q} from q(H)^i.
   */
  private static long[] ascending(Distribution p, Distribution q, int count) {
    long mask = tokenMask(q);
    long[] keys = new long[q.vocabularySize()];
    int size = 0;
    for (int token = 0; token < keys.length; token++) {
      double draft = q.probability(token);
      double target = p.probability(token);
      if (target < count * draft) {
        // Bits of numbers that are not negative ascend as the numbers do.
        keys[size++] = Double.doubleToRawLongBits(target / draft) & ~mask | token;
      }
    }
    long[] sorted = Arrays.copyOf(keys, size);
    Arrays.sort(sorted);
    return sorted;
  }

  private static long tokenMask(Distribution q) {
    return Math.max(1, Integer.highestOneBit(q.vocabularySize() - 1)) * 2L - 1;
  }
}
