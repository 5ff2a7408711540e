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
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;
import redraft.latency.Deployment;
import redraft.policy.DraftTree;
import redraft.replay.SequenceSource;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.verify.SampledCandidates;

/**
 * Grows the tree of candidates that follows recorded texts furthest. A node gains as many tokens as
 * there are steps whose ranks go through it, so for given starts of steps the best tree of N nodes
 * is that of the N most frequent beginnings, and likewise among trees of so many levels. Starts are
 * those of the tree itself: they and the tree are found in turns, and the best tree is kept: that
 * of the fewest steps, or, where steps have a price, of the least time.
 *
 * <p>It is grown on one half of the prompts and judged on the other ({@link Half}).
 */
public final class TreeGrowth {
  private static final int MOST_TURNS = 20;
  private static final int MOST_DEPTH = 32;
  private static final int MOST_POSITIONS = 2_000_000; // 16 MB

  private final List<Text> texts = new ArrayList<>();
  private final LadderShares ladders = new LadderShares();

  private TreeGrowth() {}

  /**
   * What is known of one text.
   *
   * @param ranks of its tokens; null where they depend on the place in the block
   * @param byPlace [N][places]: ranks of the tokens from each on; null where they do not
   * @param endKnown whether no step drafts beyond the last token
   */
  private record Text(
      int[] ranks, int[][] byPlace, boolean endKnown, int promptTokens, int decodeFrom) {
    int length() {
      return ranks == null ? byPlace.length : ranks.length;
    }

    /** How many ranks are known from a start on. */
    int known(int start) {
      return ranks == null ? byPlace[start].length : ranks.length - start;
    }

    int rank(int start, int place) {
      return ranks == null ? byPlace[start][place] : ranks[start + place];
    }
  }

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
        int number =
            ordered()
                ? prompts.merge(sequence.domain(), 1, Integer::sum) - 1
                : sequence.id().hashCode(); // the same in whatever file and order
        selected = number % 2 != 0 == second;
      }
      return selected;
    }

    @Override
    void end(long sequences) {
      if (sequences == 0) {
        throw new IllegalArgumentException(
            name()
                + " has too few prompts: what is grown or chosen on one half of each domain's is judged on the other");
      }
    }
  }

  /** What a step costs. */
  public interface Price {
    /**
     * @param draftRows of each level of the tree: nodes whose children the draft is asked for
     * @param nodes of the tree
     */
    double of(List<Integer> draftRows, int nodes);
  }

  /**
   * One node that the tree may get.
   *
   * @param text of each start whose ranks go through it
   * @param start in that text
   */
  record Candidate(List<Integer> path, int[] text, int[] start) {
    int gain() {
      return text.length;
    }
  }

  /**
   * @param source whose first half is used
   * @param draft index in its header
   * @param nodes of the tree
   * @throws IllegalArgumentException if the draft's ranks are not known
   */
  public static DraftTree grow(SequenceSource source, int draft, int nodes) throws IOException {
    return on(source, draft).best(nodes);
  }

  /**
   * @param source whose first half is used, and nothing else of it
   * @param draft index in its header
   * @throws IllegalArgumentException if the draft's ranks are not known
   */
  public static TreeGrowth on(SequenceSource source, int draft) throws IOException {
    TreeGrowth growth = new TreeGrowth();
    growth.read(new Half(source, false), draft);
    return growth;
  }

  private void read(SequenceSource half, int draft) throws IOException {
    long known = 0;
    for (TraceSequence sequence; known < MOST_POSITIONS && (sequence = half.next()) != null; ) {
      Draft recorded = sequence.drafts().get(draft);
      boolean byPlace = recorded.depths() != null;
      if (recorded.rank() == null && !byPlace) {
        throw new IllegalArgumentException(
            "draft '"
                + half.header().drafts().get(draft).name()
                + "' of "
                + half.name()
                + " has no ranks of single tokens, on which a tree could be grown");
      }
      int from = sequence.decodeFrom();
      int to = sequence.length();
      ladders.add(recorded, from, to);
      int[][] places = byPlace ? Arrays.copyOfRange(recorded.depths().rank(), from, to) : null;
      texts.add(
          new Text(
              byPlace ? null : Arrays.copyOfRange(recorded.rank(), from, to),
              places,
              sequence.finish() == TraceSequence.Finish.LENGTH,
              sequence.promptTokens().length,
              from));
      known += byPlace ? Arrays.stream(places).mapToInt(each -> each.length).sum() : to - from;
    }
  }

  /** As {@link LadderShares#of}, on what was read. */
  public double[] ladderShares(SampledCandidates rule) {
    return ladders.of(rule);
  }

  /** Tokens in the target's cache when a step starts, on average over what was read. */
  public int meanContext(Deployment deployment) {
    double sum = 0;
    double tokens = 0;
    for (Text text : texts) {
      double first = deployment.promptTokens(text.promptTokens) + text.decodeFrom - 1;
      sum += text.length() * (first + (text.length() - 1) / 2.0);
      tokens += text.length();
    }
    return (int) Math.max(0, Math.round(sum / Math.max(1, tokens)));
  }

  /** How often each rank is the committed token's, from rank 1 on; they add up to 1. */
  public double[] rankShares() {
    TreeMap<Integer, Integer> counts = new TreeMap<>();
    int known = 0;
    for (Text text : texts) {
      for (int t = 0; t < text.length(); t++) {
        int places = text.ranks == null ? text.known(t) : 1; // else each would be counted again
        for (int place = 0; place < places; place++) {
          counts.merge(text.rank(t, place), 1, Integer::sum);
          known++;
        }
      }
    }
    double[] shares = new double[counts.isEmpty() ? 0 : counts.lastKey()];
    for (Map.Entry<Integer, Integer> entry : counts.entrySet()) {
      shares[entry.getKey() - 1] = (double) entry.getValue() / known;
    }
    return shares;
  }

  /**
   * The tree of so many nodes that takes the fewest steps; of fewer where the texts have no more.
   */
  public DraftTree best(int nodes) {
    if (nodes < 1 || nodes > DraftTree.MOST_NODES) {
      throw new IllegalArgumentException(
          "tree 'best:" + nodes + "' must have from 1 to " + DraftTree.MOST_NODES + " nodes");
    }
    String name = "best:" + nodes;
    return turns(
        texts.stream().map(TreeGrowth::everywhere).toList(),
        starts -> DraftTree.of(name, frequent(starts, nodes, MOST_DEPTH, path -> {})),
        (tree, starts) -> count(starts));
  }

  /**
   * The tree of the least time on the texts, where turns begin with the starts of another tree.
   *
   * @param name of the tree
   * @param from fewest nodes
   * @param to most nodes
   */
  public DraftTree fastest(String name, DraftTree first, int from, int to, Price price) {
    return turns(
        starts(first),
        starts -> DraftTree.of(name, mostTokensByPrice(starts, from, to, price)),
        (tree, starts) -> time(tree, starts, price));
  }

  /** A tree and the starts of its own steps, in turns, as long as that gets better. */
  private DraftTree turns(
      List<int[]> starts,
      Function<List<int[]>, DraftTree> grown,
      ToDoubleBiFunction<DraftTree, List<int[]>> cost) {
    DraftTree best = null;
    double least = Double.POSITIVE_INFINITY;
    for (int turn = 0; turn < MOST_TURNS; turn++) {
      DraftTree tree = grown.apply(starts);
      starts = starts(tree);
      double own = cost.applyAsDouble(tree, starts);
      if (own >= least) {
        break;
      }
      least = own;
      best = tree;
    }
    return best;
  }

  private static int[] everywhere(Text text) {
    return IntStream.range(0, text.length()).toArray();
  }

  private static int count(List<int[]> starts) {
    return starts.stream().mapToInt(each -> each.length).sum();
  }

  /** Where the steps of every text begin. */
  private List<int[]> starts(DraftTree tree) {
    return texts.stream().map(text -> starts(text, tree)).toList();
  }

  private static int[] starts(Text text, DraftTree tree) {
    int[] starts = new int[text.length()];
    int count = 0;
    for (int t = 0; t < text.length(); ) {
      starts[count++] = t;
      int start = t;
      t += 1 + tree.accepted(place -> text.rank(start, place), text.known(t));
    }
    return Arrays.copyOf(starts, count);
  }

  /** What the steps of a tree cost together, those at a known end with the levels that are left. */
  private double time(DraftTree tree, List<int[]> starts, Price price) {
    int depth = tree.depth();
    Map<Integer, Double> byLevels = new HashMap<>();
    double sum = 0;
    for (int i = 0; i < texts.size(); i++) {
      Text text = texts.get(i);
      for (int start : starts.get(i)) {
        int levels = text.endKnown ? Math.min(depth, text.length() - start - 1) : depth;
        sum +=
            byLevels.computeIfAbsent(
                levels, some -> price.of(tree.draftRows(some), tree.nodes(some)));
      }
    }
    return sum;
  }

  /**
   * Of each number of nodes and levels the tree that follows the starts furthest, and of these the
   * one of most tokens for its price.
   */
  private List<List<Integer>> mostTokensByPrice(List<int[]> starts, int from, int to, Price price) {
    TreeByPrice most = new TreeByPrice(count(starts), from, price);
    for (int depth = 1; depth <= MOST_DEPTH && most.deepest() == depth - 1; depth++) {
      frequent(starts, to, depth, most);
      most.next();
    }
    return most.paths();
  }

  /**
   * The most frequent beginnings of what follows the starts, each after its own beginning.
   *
   * @param depth most ranks of one
   * @param each told of each when it is found
   */
  private List<List<Integer>> frequent(
      List<int[]> starts, int nodes, int depth, Consumer<Candidate> each) {
    int count = count(starts);
    int[] text = new int[count];
    int[] start = new int[count];
    int n = 0;
    for (int i = 0; i < starts.size(); i++) {
      for (int one : starts.get(i)) {
        text[n] = i;
        start[n++] = one;
      }
    }
    PriorityQueue<Candidate> open =
        new PriorityQueue<>(
            Comparator.comparingInt((Candidate candidate) -> -candidate.gain())
                .thenComparing(candidate -> candidate.path.size())
                .thenComparing(candidate -> candidate.path.toString()));
    List<List<Integer>> found = new ArrayList<>();
    follow(new Candidate(List.of(), text, start), depth, open);
    while (found.size() < nodes && !open.isEmpty()) {
      Candidate most = open.poll();
      found.add(most.path);
      each.accept(most);
      follow(most, depth, open);
    }
    return found;
  }

  /** Adds what may follow a node: by rank, the starts whose text goes on with it. */
  private void follow(Candidate node, int mostDepth, PriorityQueue<Candidate> open) {
    int depth = node.path.size();
    if (depth == mostDepth) {
      return;
    }
    Map<Integer, List<Integer>> byRank = new TreeMap<>();
    for (int i = 0; i < node.text.length; i++) {
      Text text = texts.get(node.text[i]);
      if (depth < text.known(node.start[i])) {
        byRank.computeIfAbsent(text.rank(node.start[i], depth), key -> new ArrayList<>()).add(i);
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
