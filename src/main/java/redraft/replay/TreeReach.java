package redraft.replay;

import java.util.List;
import redraft.policy.DraftTree;
import redraft.policy.FixedLength;
import redraft.steps.StepShape;
import redraft.steps.StepSink;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/**
 * How often the steps of a tree accept each of its nodes: the mean over the tree's own steps of the
 * probability that a step accepts it, in the exact expectation. Over the nodes of depth k it sums
 * to P(at least k accepted), over all to the accepted tokens of a step. No step accepts more than
 * what is left of the text after the token that it emits in any case.
 */
public final class TreeReach {
  private final TreeDraft draft;
  private final VerificationRule rule;
  private final int levels;
  private final double[] sums; // [nodes]
  private double steps;

  /** What is known of one text. */
  interface Nodes {
    /**
     * Sets the probability that a step accepts each node.
     *
     * @param position where it starts
     * @param levels of the tree that it drafts; nodes below them get 0
     * @param reach [nodes], as in {@link DraftTree#candidates}
     */
    void reach(int position, int levels, double[] reach);
  }

  /** Of all levels of the draft's tree. */
  public TreeReach(TreeDraft draft, VerificationRule rule) {
    this.draft = draft;
    this.rule = rule;
    levels = draft.candidates().depth();
    sums = new double[draft.candidates().nodes()];
  }

  public TreeDraft draft() {
    return draft;
  }

  public VerificationRule rule() {
    return rule;
  }

  /** Replays a sequence, whose steps are added. */
  public void add(TraceSequence sequence) {
    ReplaySequence replayed = draft.sequence(sequence, rule);
    Nodes nodes = draft.nodes(sequence, replayed.law());
    if (replayed.tokens() > 0) {
      new ExactReplay(new FixedLength(levels), false)
          .replay(replayed, new Sink(nodes, replayed.tokens()));
    }
  }

  /** Expected, of all sequences. */
  public double steps() {
    return steps;
  }

  /** Of each node, as in {@link DraftTree#candidates}. */
  public double[] reach() {
    double[] reach = new double[sums.length];
    for (int node = 0; node < reach.length; node++) {
      reach[node] = steps == 0 ? 0 : sums[node] / steps;
    }
    return reach;
  }

  /** Nodes whose path is of first choices alone. */
  public static boolean[] firstChoices(DraftTree tree) {
    List<DraftTree.Candidate> candidates = tree.candidates();
    boolean[] first = new boolean[candidates.size()];
    for (int node = 0; node < first.length; node++) {
      int parent = candidates.get(node).parent();
      first[node] = candidates.get(node).rank() == 1 && (parent < 0 || first[parent]);
    }
    return first;
  }

  private final class Sink implements StepSink {
    private final Nodes nodes;
    private final int tokens;
    private final double[] one = new double[sums.length];

    Sink(Nodes nodes, int tokens) {
      this.nodes = nodes;
      this.tokens = tokens;
    }

    @Override
    public void start(int position, double weight) {
      steps += weight;
      nodes.reach(position, Math.min(levels, tokens - position - 1), one);
      for (int node = 0; node < one.length; node++) {
        sums[node] += weight * one[node];
      }
    }

    @Override
    public void passes(StepShape shape, int position, double weight) {}

    @Override
    public void catchUp(int position, double weight) {}

    @Override
    public void accepted(int count, double weight) {}
  }
}
