package redraft.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import redraft.json.CheckedObject;

/**
 * A static tree of candidates: a node is the draft's token of some rank after those of its
 * ancestors, and its path from the root is a tuple of ranks, of which 1 is the draft's first
 * choice. The root stands for the last committed token and is no candidate.
 */
public final class DraftTree {
  /** Most nodes; a pass of more rows than this is no verification any more. */
  public static final int MOST_NODES = 65_536;

  /** Stands for the last committed token. */
  public static final int ROOT = 0;

  /** Most levels. */
  public static final int MOST_DEPTH = 64;

  private static final int MOST_RANK = 1_000_000;

  private final String name;
  private final List<Map<Integer, Integer>> children = new ArrayList<>(); // by rank, of each node
  private final List<Integer> depths = new ArrayList<>(); // of each node; the root's first

  private DraftTree(String name) {
    this.name = name;
    add(0);
  }

  private int add(int depth) {
    children.add(new HashMap<>());
    depths.add(depth);
    return children.size() - 1;
  }

  /**
   * @param paths of all nodes, in any order, with each prefix of each
   * @throws IllegalArgumentException naming the path that has no prefix here, or comes twice
   */
  public static DraftTree of(String name, List<List<Integer>> paths) {
    DraftTree tree = new DraftTree(name);
    if (paths.isEmpty() || paths.size() > MOST_NODES) {
      throw new IllegalArgumentException(
          "has " + paths.size() + " nodes, not from 1 to " + MOST_NODES);
    }
    List<List<Integer>> shortestFirst = new ArrayList<>(paths);
    shortestFirst.sort((a, b) -> a.size() - b.size());
    for (List<Integer> path : shortestFirst) {
      if (path.isEmpty() || path.size() > MOST_DEPTH) {
        throw new IllegalArgumentException(
            "has the path " + path + ", which is not of 1 to " + MOST_DEPTH + " ranks");
      }
      int node = 0;
      for (int rank : path.subList(0, path.size() - 1)) {
        Integer next = tree.children.get(node).get(rank);
        if (next == null) {
          throw new IllegalArgumentException(
              "has the path " + path + " and not each of its beginnings");
        }
        node = next;
      }
      int last = path.get(path.size() - 1);
      if (tree.children.get(node).put(last, tree.add(path.size())) != null) {
        throw new IllegalArgumentException("has the path " + path + " twice");
      }
    }
    return tree;
  }

  /** A chain of the draft's first choices. */
  public static DraftTree chain(int length) {
    return full(1, length);
  }

  /**
   * Every node with the same number of children down to the last level, as {@code topk} and {@code
   * steps} of engines make it before they choose among its nodes.
   */
  public static DraftTree full(int width, int depth) {
    long nodes = 0;
    long level = 1;
    for (int d = 1; d <= depth && nodes <= MOST_NODES; d++) {
      level *= width;
      nodes += level;
    }
    if (width < 1 || depth < 1 || depth > MOST_DEPTH || nodes > MOST_NODES) {
      throw new IllegalArgumentException(
          "tree '"
              + width
              + "x"
              + depth
              + "' must have from 1 to "
              + MOST_NODES
              + " nodes and at most "
              + MOST_DEPTH
              + " levels");
    }
    DraftTree tree = new DraftTree(width + "x" + depth);
    for (int node = 0; node < tree.children.size(); node++) {
      int nextDepth = tree.depths.get(node) + 1;
      for (int rank = 1; rank <= width && nextDepth <= depth; rank++) {
        tree.children.get(node).put(rank, tree.add(nextDepth));
      }
    }
    return tree;
  }

  /**
   * A tree of a file: {@code {"name":…,"paths":[[1],[1,1],[2],…]}}.
   *
   * @throws IllegalArgumentException naming what is wrong with it
   */
  public static DraftTree read(CheckedObject fields) {
    String name = fields.line("name");
    List<List<Integer>> paths = fields.wholeNumberLists("paths", 1, MOST_RANK);
    fields.finish();
    try {
      return of(name, paths);
    } catch (IllegalArgumentException e) {
      throw fields.error("\"paths\" " + e.getMessage());
    }
  }

  public String name() {
    return name;
  }

  /** Of all nodes, each after its own beginnings. */
  public List<List<Integer>> paths() {
    List<List<Integer>> paths = new ArrayList<>();
    addPaths(0, List.of(), paths);
    return paths;
  }

  private void addPaths(int node, List<Integer> path, List<List<Integer>> paths) {
    children.get(node).entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            child -> {
              List<Integer> longer = new ArrayList<>(path);
              longer.add(child.getKey());
              paths.add(longer);
              addPaths(child.getValue(), longer, paths);
            });
  }

  /**
   * One node.
   *
   * @param parent index of the node that it follows, −1 for the root
   * @param rank among the draft's tokens, or its place among those drawn, from 1
   * @param depth from 1
   * @param siblings children of its parent, itself included
   */
  public record Candidate(int parent, int rank, int depth, int siblings) {}

  /** All nodes but the root, each after its parent. */
  public List<Candidate> candidates() {
    Candidate[] candidates = new Candidate[nodes()];
    for (int node = 0; node < children.size(); node++) {
      int parent = node - 1;
      int depth = depths.get(node) + 1;
      int siblings = children.get(node).size();
      children
          .get(node)
          .forEach(
              (rank, child) ->
                  candidates[child - 1] = new Candidate(parent, rank, depth, siblings));
    }
    return List.of(candidates);
  }

  /** The node of a rank after another one; null where the tree has none. */
  public Integer child(int node, int rank) {
    return children.get(node).get(rank);
  }

  /** The largest rank of a node's children; 0 of a leaf. */
  public int mostRank(int node) {
    return children.get(node).keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  /**
   * Why a rule cannot draw the candidates of this tree; null where it can, because the children of
   * every node are the first, second, … with none left out.
   *
   * @param rule its name
   */
  public String drawingRefusal(String rule) {
    return candidates().stream().allMatch(candidate -> candidate.rank <= candidate.siblings)
        ? null
        : "tree '"
            + name
            + "' leaves out ranks, and of candidates that are drawn, as rule '"
            + rule
            + "' does, there is no second without a first";
  }

  /** Candidates of all levels. */
  public int nodes() {
    return depths.size() - 1;
  }

  /** Levels of candidates. */
  public int depth() {
    return depths.stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  /** Candidates of the first levels. */
  public int nodes(int levels) {
    return (int) depths.stream().filter(depth -> depth >= 1 && depth <= levels).count();
  }

  /**
   * What the draft is asked for, level by level: of how many nodes it must say what may follow, the
   * root's level first.
   */
  public List<Integer> draftRows(int levels) {
    int[] rows = new int[levels];
    for (int node = 0; node < depths.size(); node++) {
      if (depths.get(node) < levels && !children.get(node).isEmpty()) {
        rows[depths.get(node)]++;
      }
    }
    return Arrays.stream(rows).filter(count -> count > 0).boxed().toList();
  }

  /** Ranks of a path. */
  public interface Ranks {
    /**
     * @param place in the block, from 0
     */
    int at(int place);
  }

  /**
   * How many tokens of a path are in the tree, from the root on.
   *
   * @param most of them that are known
   */
  public int accepted(Ranks ranks, int most) {
    return follow(ranks, most, node -> {});
  }

  /**
   * The same.
   *
   * @param nodes told of each node of the path, of which the first is 1: one more than its place
   *     among the {@link #candidates}
   */
  public int follow(Ranks ranks, int most, IntConsumer nodes) {
    int node = 0;
    int accepted = 0;
    while (accepted < most) {
      Integer next = children.get(node).get(ranks.at(accepted));
      if (next == null) {
        break;
      }
      node = next;
      nodes.accept(node);
      accepted++;
    }
    return accepted;
  }
}
