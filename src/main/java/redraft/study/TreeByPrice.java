package redraft.study;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Told of the nodes of growing trees, keeps the beginning of one of them that has the most tokens
 * for its price.
 */
final class TreeByPrice implements Consumer<TreeGrowth.Candidate> {
  private final int starts;
  private final int from;
  private final TreeGrowth.Price price;
  private final List<List<Integer>> grown = new ArrayList<>();
  private final Set<List<Integer>> asked = new HashSet<>(); // nodes with children
  private final List<Integer> rows = new ArrayList<>();
  private long gained;
  private int deepest; // level of any tree
  private double rate; // tokens for the price, of the best tree
  private int most; // nodes of the best tree
  private boolean better; // whether this tree had it
  private List<List<Integer>> paths = List.of(); // of the best tree

  /**
   * @param starts of steps that the trees follow
   * @param from fewest nodes of the tree, where one has as many
   */
  TreeByPrice(int starts, int from, TreeGrowth.Price price) {
    this.starts = starts;
    this.from = from;
    this.price = price;
  }

  /** Ends with one tree and begins with the next. */
  void next() {
    paths = better ? List.copyOf(grown.subList(0, most)) : paths;
    better = false;
    grown.clear();
    asked.clear();
    rows.clear();
    gained = 0;
  }

  @Override
  public void accept(TreeGrowth.Candidate node) {
    int depth = node.path().size();
    grown.add(node.path());
    gained += node.gain();
    deepest = Math.max(deepest, depth);
    if (asked.add(node.path().subList(0, depth - 1))) {
      if (rows.size() < depth) {
        rows.add(0);
      }
      rows.set(depth - 1, rows.get(depth - 1) + 1);
    }
    double own = (starts + gained) / price.of(rows, grown.size());
    boolean allowed = grown.size() >= from;
    boolean found = most >= from;
    if (allowed ? !found || own > rate : !found && grown.size() > most) {
      rate = own;
      most = grown.size();
      better = true;
    }
  }

  /** The level of the deepest tree so far. */
  int deepest() {
    return deepest;
  }

  /** Of the best tree. */
  List<List<Integer>> paths() {
    return paths;
  }
}
