package redraft.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.stream.IntStream;
import redraft.policy.DraftTree;
import redraft.replay.SequenceSource;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;

/**
 * Grows the tree of candidates that follows recorded texts furthest. A node gains as many tokens as
 * there are steps whose ranks go through it, so for given starts of steps the best tree of N nodes
 * is that of the N most frequent beginnings. Starts are those of the tree itself: they and the tree
 * are found in turns, and the tree that takes the fewest steps is kept.
 *
 * <p>It is grown on one half of the prompts and judged on the other ({@link Half}).
 */
public final class TreeGrowth {
  private static final int MOST_TURNS = 20;
  private static final int MOST_DEPTH = 32;
  private static final int MOST_POSITIONS = 2_000_000; // 16 MB

  private final List<int[]> texts = new ArrayList<>(); // ranks of each

  private TreeGrowth() {}

  /** Every other prompt of each domain. */
  public static final class Half extends SelectedSequences {
    private final boolean second;
    private final Map<String, Integer> prompts = new HashMap<>(); // seen of each domain
    private String last;
    private boolean selected;

    /**
     * @param second that of the second, fourth, … prompt
     */
    public Half(SequenceSource all, boolean second) {
      super(all);
      this.second = second;
    }

    @Override
    boolean selects(TraceSequence sequence) {
      if (!sequence.id().equals(last)) {
        last = sequence.id();
        int before = prompts.merge(sequence.domain(), 1, Integer::sum) - 1;
        selected = before % 2 == 1 == second;
      }
      return selected;
    }

    @Override
    void end(long sequences) {
      if (sequences == 0) {
        throw new IllegalArgumentException(
            name()
                + " has too few prompts: a tree is grown on one half of each domain's and judged on the other");
      }
    }
  }

  /**
   * One node that the tree may get.
   *
   * @param text of each start whose ranks go through it
   * @param start in that text
   */
  private record Candidate(List<Integer> path, int[] text, int[] start) {}

  /**
   * @param source whose first half is used
   * @param draft index in its header
   * @param nodes of the tree
   * @throws IllegalArgumentException if the draft's ranks are not known
   */
  public static DraftTree grow(SequenceSource source, int draft, int nodes) throws IOException {
    if (nodes < 1 || nodes > DraftTree.MOST_NODES) {
      throw new IllegalArgumentException(
          "tree 'best:" + nodes + "' must have from 1 to " + DraftTree.MOST_NODES + " nodes");
    }
    TreeGrowth growth = new TreeGrowth();
    growth.read(new Half(source, false), draft);
    return growth.best(nodes);
  }

  private void read(SequenceSource half, int draft) throws IOException {
    long positions = 0;
    for (TraceSequence sequence; (sequence = half.next()) != null && positions < MOST_POSITIONS; ) {
      Draft recorded = sequence.drafts().get(draft);
      if (recorded.rank() == null) {
        throw new IllegalArgumentException(
            "draft '"
                + half.header().drafts().get(draft).name()
                + "' of "
                + half.name()
                + " has no ranks of single tokens, on which a tree could be grown");
      }
      int from = sequence.decodeFrom();
      int[] ranks = Arrays.copyOfRange(recorded.rank(), from, sequence.length());
      texts.add(ranks);
      positions += ranks.length;
    }
  }

  private DraftTree best(int nodes) {
    String name = "best:" + nodes;
    DraftTree best = null;
    long fewest = Long.MAX_VALUE;
    List<int[]> starts = texts.stream().map(TreeGrowth::everywhere).toList();
    for (int turn = 0; turn < MOST_TURNS; turn++) {
      DraftTree tree = DraftTree.of(name, frequent(starts, nodes));
      List<int[]> own = texts.stream().map(text -> starts(text, tree)).toList();
      long steps = own.stream().mapToLong(each -> each.length).sum();
      if (steps >= fewest) {
        break;
      }
      fewest = steps;
      best = tree;
      starts = own;
    }
    return best;
  }

  private static int[] everywhere(int[] text) {
    return IntStream.range(0, text.length).toArray();
  }

  /** Where the steps of a text begin. */
  private static int[] starts(int[] text, DraftTree tree) {
    int[] starts = new int[text.length];
    int count = 0;
    for (int t = 0; t < text.length; ) {
      starts[count++] = t;
      int start = t;
      t += 1 + tree.accepted(place -> text[start + place], text.length - t);
    }
    return Arrays.copyOf(starts, count);
  }

  /** The most frequent beginnings of what follows the starts, each after its own beginning. */
  private List<List<Integer>> frequent(List<int[]> starts, int nodes) {
    int count = starts.stream().mapToInt(each -> each.length).sum();
    int[] text = new int[count];
    int[] start = new int[count];
    int n = 0;
    for (int i = 0; i < starts.size(); i++) {
      for (int each : starts.get(i)) {
        text[n] = i;
        start[n++] = each;
      }
    }
    PriorityQueue<Candidate> open =
        new PriorityQueue<>(
            Comparator.comparingInt((Candidate candidate) -> -candidate.text.length)
                .thenComparing(candidate -> candidate.path.size())
                .thenComparing(candidate -> candidate.path.toString()));
    List<List<Integer>> found = new ArrayList<>();
    follow(new Candidate(List.of(), text, start), open);
    while (found.size() < nodes && !open.isEmpty()) {
      Candidate most = open.poll();
      found.add(most.path);
      follow(most, open);
    }
    return found;
  }

  /** Adds what may follow a node: by rank, the starts whose text goes on with it. */
  private void follow(Candidate node, PriorityQueue<Candidate> open) {
    int depth = node.path.size();
    if (depth == MOST_DEPTH) {
      return;
    }
    Map<Integer, List<Integer>> byRank = new TreeMap<>();
    for (int i = 0; i < node.text.length; i++) {
      int[] ranks = texts.get(node.text[i]);
      if (node.start[i] + depth < ranks.length) {
        byRank.computeIfAbsent(ranks[node.start[i] + depth], key -> new ArrayList<>()).add(i);
      }
    }
    byRank.forEach(
        (rank, members) -> {
          List<Integer> path = new ArrayList<>(node.path);
          path.add(rank);
          open.add(
              new Candidate(
                  List.copyOf(path),
                  members.stream().mapToInt(i -> node.text[i]).toArray(),
                  members.stream().mapToInt(i -> node.start[i]).toArray()));
        });
  }
}
