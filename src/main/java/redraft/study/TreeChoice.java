package redraft.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.metrics.ReplayRow;
import redraft.policy.DraftTree;
import redraft.replay.ReplayDraft;
import redraft.replay.SequenceSource;
import redraft.replay.TraceReplay;
import redraft.replay.TreeDraft;
import redraft.steps.StepShape;

/**
 * The fastest of several trees of candidates, its levels, and what stands beside it: chosen on one
 * half of the prompts, which knows nothing of the other, to be judged there ({@link
 * TreeGrowth.Half}).
 *
 * @param tree the setting that was chosen
 * @param beside the fastest setting of each other grid
 */
public record TreeChoice(Grid tree, List<Grid> beside) {
  /** Powers of two within a range, and its ends. */
  public static List<Integer> sizes(int from, int to) {
    Set<Integer> sizes = new TreeSet<>(List.of(from, to));
    for (long size = 1; size < to; size *= 2) {
      if (size > from) {
        sizes.add((int) size);
      }
    }
    return List.copyOf(sizes);
  }

  /**
   * Trees of a range of sizes that may be the fastest under a deployment: of each size the one that
   * takes the fewest steps, and from there the one that takes the least time.
   *
   * @param name of all of them
   * @param draft whose trees they are
   * @param temperature of the texts
   */
  public static List<DraftTree> family(
      String name,
      TreeGrowth growth,
      List<Integer> sizes,
      Deployment deployment,
      ReplayDraft draft,
      double temperature) {
    LatencyModel latency = deployment.latency().atTemperature(temperature);
    int context = Math.min(growth.meanContext(deployment), latency.contextReach());
    StepShape.Drafting drafting = draft.step(1).drafting();
    TreeGrowth.Price price =
        (rows, nodes) ->
            latency.step(deployment.batch(), TreeDraft.shape(drafting, rows, nodes), context);
    int from = sizes.get(0);
    int to = sizes.get(sizes.size() - 1);
    List<DraftTree> trees = new ArrayList<>();
    Set<List<List<Integer>>> known = new HashSet<>();
    for (int size : sizes) {
      DraftTree fewestSteps = DraftTree.of(name, growth.best(size).paths());
      DraftTree leastTime = growth.fastest(name, fewestSteps, from, to, price);
      for (DraftTree tree : List.of(fewestSteps, leastTime)) {
        if (known.add(tree.paths())) {
          trees.add(tree);
        }
      }
    }
    return trees;
  }

  /**
   * @param half that the trees were grown on
   * @param trees the grid of each; the fastest setting of any of them is chosen
   * @param others of which the fastest settings stand beside it
   */
  public static TreeChoice on(SequenceSource half, List<Grid> trees, List<Grid> others)
      throws IOException {
    List<GridQuestion> ofTrees = questions(trees, half);
    List<GridQuestion> ofOthers = questions(others, half);
    List<TraceReplay.Question> all = new ArrayList<>();
    ofTrees.forEach(each -> all.add(each.question()));
    ofOthers.forEach(each -> all.add(each.question()));
    TraceReplay.Source read = TraceReplay.run(half, all, sequence -> {}, sequences -> {});
    GridQuestion fastest = null;
    ReplayRow best = null;
    for (GridQuestion each : ofTrees) {
      ReplayRow row = each.fastest(read);
      if (best == null || row.speedup() > best.speedup()) {
        best = row;
        fastest = each;
      }
    }
    return new TreeChoice(
        fastest.only(best), ofOthers.stream().map(each -> each.only(each.fastest(read))).toList());
  }

  private static List<GridQuestion> questions(List<Grid> grids, SequenceSource source)
      throws IOException {
    List<GridQuestion> questions = new ArrayList<>();
    for (Grid grid : grids) {
      questions.add(new GridQuestion(grid, source));
    }
    return questions;
  }
}
