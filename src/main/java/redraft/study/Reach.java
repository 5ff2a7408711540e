package redraft.study;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.policy.DraftTree;
import redraft.replay.SequenceSource;
import redraft.trace.TraceSequence;

/**
 * How far costs reach that were measured. What lies beyond and nobody asked for is left out, and
 * named with what would measure it.
 */
public final class Reach {
  private final List<String> leftOut = new ArrayList<>();

  /** What was left out since this was last asked, a line each. */
  public List<String> takeLeftOut() {
    List<String> taken = List.copyOf(leftOut);
    leftOut.clear();
    return taken;
  }

  /**
   * The batches that have a cost.
   *
   * @param usual where none was named
   */
  public List<Integer> batches(LatencyModel latency, List<Integer> usual) {
    boolean one = latency.onlyBatchOne() != null;
    int most = one ? 1 : latency.batchReach();
    return without(
        usual,
        usual.stream().filter(batch -> batch <= most).toList(),
        "batches",
        "'"
            + latency.name()
            + "' was "
            + (one ? latency.onlyBatchOne() : "measured up to batch " + most));
  }

  /**
   * The prompt lengths that have a cost.
   *
   * @param usual where none was named
   */
  public List<Integer> contexts(LatencyModel latency, List<Integer> usual) {
    return without(
        usual,
        usual.stream().filter(context -> context <= latency.contextReach()).toList(),
        "contexts",
        measured(latency, latency.contextReach() + " tokens of context")
            + "redraft profile --max-context measures longer ones");
  }

  /**
   * The draft lengths that have a cost under every deployment.
   *
   * @param usual where none was named, ascending
   */
  public List<Integer> draftLengths(List<Deployment> deployments, List<Integer> usual) {
    LatencyModel latency = shortest(deployments, LatencyModel::draftReach);
    return without(
        usual,
        usual.stream().filter(length -> length <= latency.draftReach()).toList(),
        "draft lengths",
        measured(latency, "draft length " + latency.draftReach())
            + "redraft profile --rows "
            + (Collections.max(usual) + 1)
            + " measures all of them");
  }

  /** The levels of a tree that have a cost under every deployment. */
  public List<Integer> levels(List<Deployment> deployments, DraftTree tree) {
    LatencyModel latency = shortest(deployments, LatencyModel::draftReach);
    List<Integer> all = IntStream.rangeClosed(1, tree.depth()).boxed().toList();
    return without(
        all,
        all.stream().filter(levels -> tree.nodes(levels) <= latency.draftReach()).toList(),
        "levels of tree '" + tree.name() + "'",
        measured(latency, latency.draftReach() + " drafted tokens")
            + "redraft profile --rows "
            + (tree.nodes() + 1)
            + " measures all of them");
  }

  /**
   * The most nodes that a tree may have, so that it has a cost under every deployment.
   *
   * @param from fewest that are asked for; below them all are asked for, whose costs say what is
   *     wrong
   * @param to most that are asked for
   */
  public int nodes(List<Deployment> deployments, int from, int to) {
    LatencyModel latency = shortest(deployments, LatencyModel::draftReach);
    int reach = latency.draftReach();
    if (reach < from || reach >= to) {
      return to;
    }
    leftOut.add(
        "left out: trees of more than "
            + reach
            + " nodes; "
            + measured(latency, reach + " drafted tokens")
            + "redraft profile --rows "
            + (to + 1)
            + " measures all of them");
    return reach;
  }

  /** All of them where none is left: asking for their costs says what is wrong with each. */
  private List<Integer> without(List<Integer> all, List<Integer> left, String what, String why) {
    if (left.isEmpty() || left.size() == all.size()) {
      return all;
    }
    String names =
        all.stream()
            .filter(each -> !left.contains(each))
            .map(Object::toString)
            .collect(Collectors.joining(", "));
    leftOut.add("left out: " + what + " " + names + "; " + why);
    return left;
  }

  private static String measured(LatencyModel latency, String end) {
    return "'" + latency.name() + "' was measured up to " + end + ", ";
  }

  private static LatencyModel shortest(
      List<Deployment> deployments, ToIntFunction<LatencyModel> reach) {
    return deployments.stream()
        .map(Deployment::latency)
        .min(Comparator.comparingInt(reach))
        .orElseThrow();
  }

  /**
   * The sequences to whose end every deployment has costs, so that all rows are of the same texts.
   *
   * @param grid whose draft lengths are asked for
   */
  public SequenceSource within(SequenceSource all, Grid grid) {
    LatencyModel latency = shortest(grid.deployments(), LatencyModel::contextReach);
    return latency.contextReach() == Integer.MAX_VALUE ? all : new Within(all, grid, latency);
  }

  private final class Within extends SelectedSequences {
    private final Grid grid;
    private final LatencyModel latency;
    private final int longestDraft;
    private long beyond;
    private int longest; // context of those beyond

    Within(SequenceSource all, Grid grid, LatencyModel latency) {
      super(all);
      this.grid = grid;
      this.latency = latency;
      longestDraft =
          grid.policies().stream()
              .mapToInt(policy -> policy.fixed() ? policy.draftLength() : 1)
              .max()
              .orElse(1);
    }

    /** Most tokens before a pass: the draft's are taken at the middle of a block. */
    private int lastContext(TraceSequence sequence) {
      boolean cutShort = sequence.finish() == TraceSequence.Finish.LENGTH; // as the block is
      int prompt = sequence.promptTokens().length;
      return grid.deployments().stream().mapToInt(each -> each.promptTokens(prompt)).max().orElse(0)
          + sequence.length()
          - 2
          + (cutShort ? 0 : (longestDraft - 1) / 2);
    }

    @Override
    boolean selects(TraceSequence sequence) {
      int context = lastContext(sequence);
      if (context <= latency.contextReach()) {
        return true;
      }
      longest = Math.max(longest, context);
      beyond++;
      return false;
    }

    @Override
    void writeOthers(DataOutput out) throws IOException {
      out.writeLong(beyond);
      out.writeInt(longest);
    }

    @Override
    void addOthers(DataInput in) throws IOException {
      beyond += in.readLong();
      longest = Math.max(longest, in.readInt());
    }

    @Override
    void end(long sequences) {
      if (beyond == 0) {
        return;
      }
      String why =
          measured(latency, latency.contextReach() + " tokens of context")
              + "redraft profile --max-context "
              + longest
              + " measures all of them";
      String which =
          beyond + " of " + (sequences + beyond) + " sequences, which are longer; " + why;
      if (sequences == 0) {
        throw new IllegalArgumentException(name() + " has nothing to replay without " + which);
      }
      leftOut.add("left out: " + which);
    }
  }
}
