package redraft.verify;

import java.util.Comparator;
import java.util.stream.IntStream;
import redraft.sampling.Distribution;

/**
 * The most that any rule accepts of a node of k candidates drawn independently, without changing
 * what is emitted: the optimal transport between the candidates and the target.
 *
 * <p>Sun et al. 2023, SpecTr, arXiv:2310.15141, §4, as the cut of least weight: {@code 1 + min_H
 * (p(H) − q(H)^k)} over sets H of tokens, of which the beginnings in the order of p/q are enough.
 */
public final class TransportLimit {
  private TransportLimit() {}

  /**
   * The chance that a candidate is accepted, at most.
   *
   * @param count of candidates, at least 1
   */
  public static double accepted(Distribution p, Distribution q, int count) {
    int[] tokens =
        IntStream.range(0, p.vocabularySize())
            .filter(token -> q.probability(token) > 0) // the others only add to p(H)
            .boxed()
            .sorted(
                Comparator.comparingDouble(token -> p.probability(token) / q.probability(token)))
            .mapToInt(Integer::intValue)
            .toArray();
    double least = 0; // of no tokens
    double target = 0;
    double draft = 0;
    for (int token : tokens) {
      target += p.probability(token);
      draft += q.probability(token);
      least = Math.min(least, target - Math.pow(draft, count));
    }
    return 1 + least;
  }
}
