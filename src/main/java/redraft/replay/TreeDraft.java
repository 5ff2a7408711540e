package redraft.replay;

import java.util.ArrayList;
import java.util.List;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.DraftTree;
import redraft.steps.StepShape;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.verify.GreedyDraftRule;
import redraft.verify.VerificationRule;

/**
 * A draft that proposes a static tree of its likeliest tokens: the target draws its own token at
 * every node, and the path is followed as long as it is in the tree. Accepted are the first tokens
 * whose ranks are a path of the tree, which the recording says (docs/theory.md, "Trees").
 */
public final class TreeDraft implements ReplayDraft {
  private final TraceDraft draft;
  private final DraftTree tree;
  private final List<StepShape> steps = new ArrayList<>(); // by levels

  /**
   * @param draft whose ranks are known
   */
  TreeDraft(TraceDraft draft, DraftTree tree) {
    this.draft = draft;
    this.tree = tree;
    StepShape.Drafting drafting = draft.step(1).drafting();
    for (int levels = 0; levels <= tree.depth(); levels++) {
      int nodes = tree.nodes(levels);
      steps.add(
          switch (drafting) {
            case NONE, COPY -> StepShape.copy(nodes);
            case MODEL -> new StepShape(drafting, tree.draftRows(levels), nodes + 1);
            case HEADS ->
                new StepShape(drafting, StepShape.parallel(levels).draftRows(), nodes + 1);
          });
    }
  }

  @Override
  public String name() {
    return draft.name();
  }

  @Override
  public String tree() {
    return tree.name();
  }

  /** The first levels, in a pass each of the draft, or in one of its heads. */
  @Override
  public StepShape step(int levels) {
    return steps.get(levels);
  }

  @Override
  public String refusal(VerificationRule rule) {
    return rule instanceof GreedyDraftRule
        ? draft.refusal(rule)
        : "a tree of a draft's likeliest tokens is verified by the target's own draws, which is the law of rule 'greedy-draft', not of '"
            + rule.name()
            + "'";
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
    int depth = tree.depth();
    int[] matched = new int[length];
    for (int t = 0; t < length; t++) {
      int start = from + t;
      matched[t] =
          recorded.depths() == null
              ? tree.accepted(i -> recorded.rank()[start + i], Math.min(depth, length - t))
              : tree.accepted(
                  i -> recorded.depths().rank()[start][i], recorded.depths().rank()[start].length);
    }
    return new CertainLaw(matched, null);
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
