package redraft.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import redraft.metrics.ReplayRow;
import redraft.replay.ReplayDraft;
import redraft.replay.SequenceSource;
import redraft.replay.TraceReplay;
import redraft.replay.TreeDraft;
import redraft.replay.TreeReach;
import redraft.verify.VerificationRule;

/**
 * Everything that a report says of a tree of candidates on a trace, from one reading of it.
 *
 * @param read all of the trace, or the half that no tree was grown on
 * @param rows of the tree, over everything and for each domain
 * @param chains of as many levels on the same texts, over everything; none where these cannot be
 *     replayed
 * @param reach of the nodes, for each draft and rule
 * @param notes what a reader should know, a line each
 */
public record TreeStudy(
    TraceReplay.Source read,
    List<ReplayRow> rows,
    List<ReplayRow> chains,
    List<TreeReach> reach,
    List<String> notes) {
  /**
   * @param grid with a tree, of all its levels
   * @param chain the same without it
   * @param progress told from time to time how many sequences have been read
   */
  public static TreeStudy of(SequenceSource source, Grid grid, Grid chain, LongConsumer progress)
      throws IOException {
    Grid.Plan plan = grid.on(source);
    GridQuestion trees = new GridQuestion(grid, plan, false);
    GridQuestion chains = new GridQuestion(chain, chain.on(source), false);
    List<TreeReach> reach = new ArrayList<>();
    for (ReplayDraft draft : plan.drafts()) {
      for (VerificationRule rule : plan.rules()) {
        reach.add(new TreeReach((TreeDraft) draft, rule));
      }
    }
    TraceReplay.Source read =
        TraceReplay.run(
            source,
            List.of(trees.question(), chains.question()),
            sequence -> reach.parallelStream().forEach(each -> each.add(sequence)),
            progress);
    List<String> notes = new ArrayList<>(plan.notes());
    notes.addAll(ReplayStudy.caveats(grid));
    return new TreeStudy(
        read, trees.rows(read, true), chains.rows(read, false), List.copyOf(reach), notes);
  }

  /** The same with more that a reader should know. */
  public TreeStudy with(List<String> more) {
    List<String> all = new ArrayList<>(more);
    all.addAll(notes);
    return new TreeStudy(read, rows, chains, reach, List.copyOf(all));
  }
}
