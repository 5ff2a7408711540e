package redraft.replay;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import redraft.policy.DraftTree;
import redraft.policy.DraftTree.Candidate;

/**
 * How many tokens no lossless rule accepts more than that decides node by node of a tree whose
 * candidates are drawn independently. What it accepts of a node's candidates is bounded by the
 * optimal transport, and how often it goes on below the first j of them with token x by {@code
 * min(p, 1 − (1 − q)^j)} of x (docs/theory.md, "What no rule can exceed").
 */
final class TreeLimit implements StepLimit {
  private final int[] depth; // [nodes], of the root, which is the first, 0
  private final int[][] children; // [nodes][siblings]
  private final double[][][] ladders; // [siblings][positions][k]
  private final double[][][] headroom; // likewise
  private final double[] p; // [positions] of each token
  private final double[] q;
  private final int from; // the first position that is decoded
  private final int end; // position after the last whose candidates may be accepted
  private final double[] value; // [nodes], of the step at hand

  /**
   * @param ladders [N][k] by number of siblings
   * @param headroom what is left above them, likewise
   * @param logP [N] ln p of each token
   * @param logQ [N] ln q
   * @param from the first position that is decoded
   * @param endKnown whether the text's last token is no candidate, because its length is known.
   *     Whether an end token comes is what is drawn, so that it counts
   */
  TreeLimit(
      DraftTree tree,
      double[][][] ladders,
      double[][][] headroom,
      double[] logP,
      double[] logQ,
      int from,
      boolean endKnown) {
    List<Candidate> candidates = tree.candidates();
    depth = new int[candidates.size() + 1];
    for (int node = 1; node < depth.length; node++) {
      depth[node] = candidates.get(node - 1).depth();
    }
    children =
        IntStream.range(0, depth.length)
            .mapToObj(
                node ->
                    IntStream.range(1, depth.length)
                        .filter(child -> candidates.get(child - 1).parent() == node - 1)
                        .toArray())
            .toArray(int[][]::new);
    this.ladders = ladders;
    this.headroom = headroom;
    this.from = from;
    end = logP.length - (endKnown ? 1 : 0);
    p = Arrays.stream(logP).map(Math::exp).toArray();
    q = Arrays.stream(logQ).map(Math::exp).toArray();
    value = new double[depth.length];
  }

  /**
   * @param drafted nodes, which are all of the first levels
   */
  @Override
  public double accepted(int position, int drafted) {
    for (int node = drafted; node >= 0; node--) { // children before their parents
      int t = from + position + depth[node];
      int siblings = children[node].length;
      value[node] =
          siblings == 0 || children[node][0] > drafted || t >= end
              ? 0
              : Arrays.stream(ladders[siblings][t], 0, siblings).sum()
                  + headroom[siblings][t][siblings - 1]
                  + below(children[node], t);
    }
    return value[0];
  }

  /** Σ_j (m_j − m_{j−1}) · the j-th largest value, with m_j = min(1, (1 − (1 − q)^j) / p). */
  private double below(int[] nodes, int t) {
    double[] values = Arrays.stream(nodes).mapToDouble(node -> value[node]).sorted().toArray();
    double sum = 0;
    double missed = 1;
    double before = 0;
    for (int j = values.length - 1; j >= 0; j--) {
      missed *= 1 - q[t];
      double within = Math.min(1, (1 - missed) / p[t]);
      sum += (within - before) * values[j];
      before = within;
    }
    return sum;
  }
}
