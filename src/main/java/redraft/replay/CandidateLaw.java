package redraft.replay;

import java.util.Arrays;
import java.util.List;
import redraft.policy.DraftTree;
import redraft.policy.DraftTree.Candidate;

/**
 * The law of a static tree whose candidates are drawn: of a node that a step reaches with
 * probability ρ, the i-th candidate is accepted with ρ·a_i, where a is the ladder of the token that
 * stands there. P(at least k accepted) sums over the nodes of depth k (docs/theory.md, "Sampled
 * candidates").
 */
final class CandidateLaw implements AcceptanceLaw, TreeReach.Nodes {
  private final int from;
  private final int length;
  private final int[] parent; // [nodes], −1 for the root
  private final int[] place; // in the ladder, from 0
  private final int[] depth; // from 1
  private final double[][][] ladder; // [nodes][N][k]: that of its siblings
  private final double[] reach; // [nodes], of the step at hand
  private final StepLimit limit;

  /**
   * @param ladders [N][k] by number of siblings
   * @param from the first position that is decoded
   * @param length positions from there on
   * @param limit what no rule exceeds; null where it is not known
   */
  CandidateLaw(DraftTree tree, double[][][] ladders, int from, int length, StepLimit limit) {
    this.limit = limit;
    List<Candidate> candidates = tree.candidates();
    parent = candidates.stream().mapToInt(Candidate::parent).toArray();
    place = candidates.stream().mapToInt(candidate -> candidate.rank() - 1).toArray();
    depth = candidates.stream().mapToInt(Candidate::depth).toArray();
    ladder =
        candidates.stream()
            .map(candidate -> ladders[candidate.siblings()])
            .toArray(double[][][]::new);
    reach = new double[parent.length];
    this.from = from;
    this.length = length;
  }

  /** The law where nothing is known of what no rule exceeds. */
  CandidateLaw(DraftTree tree, double[][][] ladders, int from, int length) {
    this(tree, ladders, from, length, null);
  }

  /** Null where it is not known. */
  StepLimit limit() {
    return limit;
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public void survival(int position, int draftLength, double[] survival) {
    Arrays.fill(survival, 0, draftLength + 1, 0);
    survival[0] = 1;
    reach(position, draftLength, reach);
    for (int node = 0; node < parent.length; node++) {
      if (depth[node] <= draftLength) {
        survival[depth[node]] += reach[node];
      }
    }
  }

  @Override
  public void reach(int position, int levels, double[] reach) {
    for (int node = 0; node < parent.length; node++) {
      if (depth[node] > levels) {
        reach[node] = 0;
        continue;
      }
      double before = parent[node] < 0 ? 1 : reach[parent[node]];
      reach[node] = before * ladder[node][from + position + depth[node] - 1][place[node]];
    }
  }
}
