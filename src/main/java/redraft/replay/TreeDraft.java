package redraft.replay;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.DraftTree;
import redraft.steps.StepShape;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.verify.GreedyDraftRule;
import redraft.verify.Ladder;
import redraft.verify.SampledCandidates;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/**
 * A draft that proposes a static tree of candidates. Of its likeliest tokens the target draws its
 * own at every node, and the path is followed as long as it is in the tree: accepted are the first
 * tokens whose ranks are a path of the tree, which the recording says. Candidates that are drawn
 * are accepted as their recorded ladder says (docs/theory.md, "Trees").
 */
public final class TreeDraft implements ReplayDraft {
  private final TraceDraft draft;
  private final DraftTree tree;
  private final Set<String> ladders;
  private final List<StepShape> steps = new ArrayList<>(); // by levels

  /**
   * @param draft whose ranks are known
   * @param ladders that are known
   */
  TreeDraft(TraceDraft draft, DraftTree tree, Set<String> ladders) {
    this.draft = draft;
    this.tree = tree;
    this.ladders = ladders;
    StepShape.Drafting drafting = draft.step(1).drafting();
    for (int levels = 0; levels <= tree.depth(); levels++) {
      steps.add(shape(drafting, tree.draftRows(levels), tree.nodes(levels)));
    }
  }

  /**
   * The shape of a step that proposes a tree.
   *
   * @param drafting of the draft
   * @param draftRows of each level: nodes whose children the draft is asked for
   * @param nodes of the tree
   */
  public static StepShape shape(StepShape.Drafting drafting, List<Integer> draftRows, int nodes) {
    return switch (drafting) {
      case NONE, COPY, AGAIN -> StepShape.copy(nodes);
      case MODEL -> new StepShape(drafting, draftRows, nodes + 1);
      case HEADS ->
          new StepShape(drafting, StepShape.parallel(draftRows.size()).draftRows(), nodes + 1);
    };
  }

  @Override
  public String name() {
    return draft.name();
  }

  @Override
  public String tree() {
    return tree.name();
  }

  /** The tree itself. */
  public DraftTree candidates() {
    return tree;
  }

  /** The first levels, in a pass each of the draft, or in one of its heads. */
  @Override
  public StepShape step(int levels) {
    return steps.get(levels);
  }

  @Override
  public String refusal(VerificationRule rule) {
    if (rule instanceof GreedyDraftRule) {
      return draft.refusal(rule);
    }
    if (!(rule instanceof SampledCandidates sampled)) {
      return "rule '"
          + rule.name()
          + "' verifies one candidate at a place; trees go with greedy-draft, whose candidates are the likeliest tokens, or with "
          + String.join(
              ", ", VerificationRules.sampled().stream().map(VerificationRule::name).toList());
    }
    if (tree.drawingRefusal(rule.name()) != null) {
      return tree.drawingRefusal(rule.name());
    }
    return tree.candidates().stream()
        .map(DraftTree.Candidate::siblings)
        .filter(siblings -> ladder(sampled, siblings) == null)
        .findFirst()
        .map(
            siblings ->
                "draft '"
                    + name()
                    + "' of this trace has no ladder of "
                    + siblings
                    + " candidates under rule '"
                    + rule.name()
                    + "', which tree '"
                    + tree.name()
                    + "' needs; record with --ladder "
                    + rule.name()
                    + ":"
                    + siblings)
        .orElse(null);
  }

  /** The name of the shortest one that holds so many candidates; null where there is none. */
  private String ladder(SampledCandidates rule, int candidates) {
    return ladders.stream()
        .map(Ladder::named)
        .filter(known -> known.rule() == rule)
        .filter(
            known ->
                rule.nested() ? known.candidates() >= candidates : known.candidates() == candidates)
        .min(Comparator.comparingInt(Ladder::candidates))
        .map(Ladder::name)
        .orElse(null);
  }

  @Override
  public String refusal(DraftLengthPolicy policy) {
    if (!policy.fixed()) {
      return "tree '"
          + tree.name()
          + "' is static, and policy '"
          + policy.name()
          + "' adapts; leave out the one or the other";
    }
    return policy.draftLength() <= tree.depth()
        ? draft.refusal(policy)
        : "tree '"
            + tree.name()
            + "' has "
            + tree.depth()
            + " levels, and a draft length of "
            + policy.draftLength()
            + " was asked for";
  }

  @Override
  public AcceptanceLaw law(TraceSequence sequence, VerificationRule rule) {
    Draft recorded = draft.of(sequence);
    int from = sequence.decodeFrom();
    int length = sequence.length() - from;
    if (rule instanceof SampledCandidates sampled) {
      int most = tree.candidates().stream().mapToInt(DraftTree.Candidate::siblings).max().orElse(0);
      double[][][] bySiblings = new double[most + 1][][];
      double[][][] headroom = new double[most + 1][][];
      for (int siblings = 1; siblings <= most; siblings++) {
        String name = ladder(sampled, siblings);
        bySiblings[siblings] = recorded.ladders().get(name);
        headroom[siblings] = recorded.headroom().get(name);
      }
      boolean known =
          tree.candidates().stream().allMatch(node -> headroom[node.siblings()] != null);
      double[] p = sequence.target().logprob();
      StepLimit limit =
          known
              ? new TreeLimit(
                  tree, bySiblings, headroom, p, recorded.logprob(), from, endKnown(sequence))
              : null;
      return new CandidateLaw(tree, bySiblings, from, length, limit);
    }
    int[] matched = new int[length];
    for (int t = 0; t < length; t++) {
      matched[t] = tree.accepted(ranks(recorded, from + t), known(recorded, from + t));
    }
    return new CertainLaw(matched, null);
  }

  @Override
  public StepLimit limit(AcceptanceLaw law) {
    return law instanceof CandidateLaw sampled ? sampled.limit() : null;
  }

  /**
   * How likely steps accept each node.
   *
   * @param law of the sequence
   */
  TreeReach.Nodes nodes(TraceSequence sequence, AcceptanceLaw law) {
    if (law instanceof CandidateLaw sampled) {
      return sampled;
    }
    Draft recorded = draft.of(sequence);
    return (position, levels, reach) -> {
      Arrays.fill(reach, 0);
      int start = sequence.decodeFrom() + position;
      int most = Math.min(levels, known(recorded, start));
      tree.follow(ranks(recorded, start), most, node -> reach[node - 1] = 1);
    };
  }

  /** Of the tokens from one on. */
  private static DraftTree.Ranks ranks(Draft recorded, int start) {
    return recorded.depths() == null
        ? place -> recorded.rank()[start + place]
        : place -> recorded.depths().rank()[start][place];
  }

  /** How many of them are known. */
  private int known(Draft recorded, int start) {
    return recorded.depths() == null
        ? Math.min(tree.depth(), recorded.rank().length - start)
        : recorded.depths().rank()[start].length;
  }

  @Override
  public double overlapSum(TraceSequence sequence) {
    return draft.overlapSum(sequence);
  }

  @Override
  public String estimateRefusal() {
    return "tree '"
        + tree.name()
        + "' has no estimate at another temperature: which ranks the target would draw there was not recorded";
  }
}
