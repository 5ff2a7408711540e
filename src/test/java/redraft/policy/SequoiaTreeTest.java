package redraft.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SequoiaTreeTest {
  /** 1 + Σ over nodes of the product of acceptances along the path. */
  private static double tokens(Iterable<List<Integer>> paths, double[] acceptance) {
    double sum = 1;
    for (List<Integer> path : paths) {
      sum += path.stream().mapToDouble(rank -> acceptance[rank - 1]).reduce(1, (a, b) -> a * b);
    }
    return sum;
  }

  /** Every tree of so many nodes, over these ranks and levels. */
  private static Set<Set<List<Integer>>> every(int nodes, int ranks, int depth) {
    Set<Set<List<Integer>>> trees = new HashSet<>(Set.of(Set.of()));
    for (int n = 0; n < nodes; n++) {
      Set<Set<List<Integer>>> larger = new HashSet<>();
      for (Set<List<Integer>> tree : trees) {
        List<List<Integer>> parents = new ArrayList<>(tree);
        parents.add(List.of());
        for (List<Integer> parent : parents) {
          for (int rank = 1; rank <= ranks && parent.size() < depth; rank++) {
            List<Integer> child = new ArrayList<>(parent);
            child.add(rank);
            if (!tree.contains(child)) {
              Set<List<Integer>> more = new HashSet<>(tree);
              more.add(List.copyOf(child));
              larger.add(more);
            }
          }
        }
      }
      trees = larger.isEmpty() ? trees : larger;
    }
    return trees;
  }

  // a = (.6 .3): [1] .6, [1,1] .36, [2] .3, [1,1,1] .216, [1,2] and [2,1] .18, [1,1,1,1] .1296
  @Test
  void theHandWorkedTreeIsFound() {
    double[] acceptance = {0.6, 0.3};
    SequoiaTree three = SequoiaTree.of("t", acceptance, 3, 8);
    assertEquals(List.of(List.of(1), List.of(1, 1), List.of(2)), three.tree().paths());
    assertEquals(2.26, three.tokensPerStep(), 1e-12);
    SequoiaTree four = SequoiaTree.of("t", acceptance, 4, 8);
    assertEquals(2.476, four.tokensPerStep(), 1e-12);
    assertEquals(3, four.tree().depth());
    SequoiaTree flat = SequoiaTree.of("t", acceptance, 4, 2); // [1,1,1] is too deep
    assertEquals(2.44, flat.tokensPerStep(), 1e-12);
    SequoiaTree one = SequoiaTree.of("t", acceptance, 4, 1); // no more than two children
    assertEquals(List.of(List.of(1), List.of(2)), one.tree().paths());
    assertEquals(1.9, one.tokensPerStep(), 1e-12);
  }

  @Test
  void noTreeOfAsManyNodesAndLevelsHasMoreTokens() {
    Random random = new Random(4);
    for (int trial = 0; trial < 12; trial++) {
      double[] acceptance = random.doubles(3, 0, 1 / 3.0).toArray(); // in no order
      acceptance[0] *= trial % 2 == 0 ? 2 : 1;
      for (int nodes = 1; nodes <= 5; nodes++) {
        for (int depth = 1; depth <= 4; depth++) {
          SequoiaTree found = SequoiaTree.of("t", acceptance, nodes, depth);
          double best =
              every(nodes, 3, depth).stream()
                  .mapToDouble(tree -> tokens(tree, acceptance))
                  .max()
                  .orElseThrow();
          assertEquals(best, found.tokensPerStep(), 1e-12, nodes + " nodes, " + depth + " levels");
          assertEquals(best, tokens(found.tree().paths(), acceptance), 1e-12);
          assertTrue(found.tree().nodes() <= nodes && found.tree().depth() <= depth);
        }
      }
    }
  }

  /** Without a bound the best tree is that of the largest products, whatever the numbers. */
  @Test
  void largeTreesHaveTheLargestProducts() {
    double[] acceptance = {0.5, 0.17, 0, 0.09, 0.04, 0.02};
    List<Double> products = new ArrayList<>(List.of(1.0));
    for (int n = 0; n < products.size() && products.size() < 200_000; n++) {
      for (double each : acceptance) {
        if (products.get(n) * each > 1e-4) {
          products.add(products.get(n) * each);
        }
      }
    }
    products.sort((a, b) -> Double.compare(b, a));
    double sum = products.subList(0, 129).stream().mapToDouble(each -> each).sum();
    SequoiaTree found = SequoiaTree.of("t", acceptance, 128, 32);
    assertEquals(128, found.tree().nodes());
    assertEquals(sum, found.tokensPerStep(), 1e-12);
    assertTrue(found.tree().paths().stream().noneMatch(path -> path.contains(3)));
  }

  @Test
  void absurdSizesAreRefused() {
    assertTrue(
        assertThrows(
                IllegalArgumentException.class,
                () -> SequoiaTree.of("sequoia:600", new double[] {1}, 600, 8))
            .getMessage()
            .startsWith("tree 'sequoia:600' must have from 1 to 512 nodes"));
    assertThrows(
        IllegalArgumentException.class, () -> SequoiaTree.of("none", new double[] {0}, 3, 8));
  }
}
