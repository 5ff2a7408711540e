package redraft.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The tree of the most expected tokens if acceptance were the same at every node: the i-th child
 * accepted with probability a_i wherever it stands. The dynamic program of Sequoia (Chen et al.
 * 2024, <a href="https://arxiv.org/abs/2402.12374">arXiv:2402.12374</a>).
 *
 * @param tokensPerStep that it would have then, the recovered or bonus token included
 */
public record SequoiaTree(DraftTree tree, double tokensPerStep) {
  /** Most nodes; the work goes with their cube. */
  public static final int MOST_NODES = 512;

  /** The program's tables. */
  private static final class Program {
    private final int[] ranks; // that a child may have, ascending
    private final double[] acceptance; // of each
    private final int nodes;
    private final List<double[]> below = new ArrayList<>(); // [levels][n]: best of n nodes
    private final List<int[][]> chosen = new ArrayList<>(); // [levels][child][n]: nodes it gets

    Program(int[] ranks, double[] acceptance, int nodes) {
      this.ranks = ranks;
      this.acceptance = acceptance;
      this.nodes = nodes;
      below.add(new double[nodes + 1]); // no levels, no tokens
      chosen.add(new int[ranks.length][nodes + 1]);
    }

    /** Adds a level; whether that gains anything. */
    boolean deepen() {
      double[] shallower = below.get(below.size() - 1);
      int[][] choice = new int[ranks.length][nodes + 1];
      double[] rest = new double[nodes + 1]; // of this child's right siblings, by their nodes
      for (int child = ranks.length - 1; child >= 0; child--) {
        double[] with = rest.clone();
        for (int n = 1; n <= nodes; n++) {
          for (int own = 1; own <= n; own++) {
            double tokens = acceptance[child] * (1 + shallower[own - 1]) + rest[n - own];
            if (tokens > with[n]) {
              with[n] = tokens;
              choice[child][n] = own;
            }
          }
        }
        rest = with;
      }
      if (rest[nodes] <= shallower[nodes]) {
        return false;
      }
      below.add(rest);
      chosen.add(choice);
      return true;
    }

    void addPaths(List<Integer> path, int levels, int left, List<List<Integer>> paths) {
      for (int child = 0; child < ranks.length && levels > 0; child++) {
        int own = chosen.get(levels)[child][left];
        if (own > 0) {
          List<Integer> longer = new ArrayList<>(path);
          longer.add(ranks[child]);
          paths.add(longer);
          addPaths(longer, levels - 1, own - 1, paths);
          left -= own;
        }
      }
    }
  }

  /**
   * @param name of the tree
   * @param acceptance of the child of each rank, from rank 1 on; at most 1 together, because one
   *     token has one rank
   * @param nodes of the tree; fewer where more gain nothing
   * @param depth most levels
   */
  public static SequoiaTree of(String name, double[] acceptance, int nodes, int depth) {
    if (nodes < 1 || nodes > MOST_NODES || depth < 1 || depth > DraftTree.MOST_DEPTH) {
      throw new IllegalArgumentException(
          "tree '"
              + name
              + "' must have from 1 to "
              + MOST_NODES
              + " nodes and from 1 to "
              + DraftTree.MOST_DEPTH
              + " levels");
    }
    int[] ranks =
        IntStream.range(0, acceptance.length)
            .filter(i -> acceptance[i] > 0)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -acceptance[i]))
            .limit(nodes)
            .mapToInt(i -> i + 1)
            .sorted()
            .toArray();
    if (ranks.length == 0) {
      throw new IllegalArgumentException("tree '" + name + "' has no rank that is ever accepted");
    }
    double[] each = IntStream.of(ranks).mapToDouble(rank -> acceptance[rank - 1]).toArray();
    Program program = new Program(ranks, each, nodes);
    int levels = 0;
    while (levels < depth && program.deepen()) {
      levels++;
    }
    List<List<Integer>> paths = new ArrayList<>();
    program.addPaths(List.of(), levels, nodes, paths);
    return new SequoiaTree(DraftTree.of(name, paths), 1 + program.below.get(levels)[nodes]);
  }
}
