package redraft.replay;

import java.util.Arrays;
import redraft.policy.DraftLengthPolicy;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Depths;
import redraft.verify.RecordedPath;
import redraft.verify.VerificationRule;

/**
 * A draft whose probabilities depend on the place in the block, which was forced along the path
 * from every position: q_{s,i}(x_{s+i−1}) in place of q in every law.
 */
public final class DepthDraft extends TraceDraft {
  /**
   * @param index in the trace's header
   */
  public DepthDraft(DraftInfo draft, int index) {
    super(draft, index);
  }

  @Override
  boolean ranked() {
    return true;
  }

  @Override
  public String refusal(DraftLengthPolicy policy) {
    return tooDeep(draft, policy);
  }

  /** Why so long a block is refused; null where it is known, or where a policy adapts to it. */
  static String tooDeep(DraftInfo draft, DraftLengthPolicy policy) {
    if (policy.stopping() != null) {
      return ReplayDraft.stoppingRefusal(draft.name(), policy);
    }
    return draft.depth() == 0 || !policy.fixed() || policy.draftLength() <= draft.depth()
        ? null
        : "draft '"
            + draft.name()
            + "' is known up to "
            + draft.depth()
            + " tokens of a block, and longer ones were asked for; lower --draft-length, or measure it deeper";
  }

  @Override
  public AcceptanceLaw law(TraceSequence sequence, VerificationRule rule) {
    double[] p = sequence.target().logprob();
    Depths depths = of(sequence).depths();
    int from = sequence.decodeFrom();
    RecordedPath[] blocks = new RecordedPath[sequence.length() - from];
    for (int s = 0; s < blocks.length; s++) {
      int start = from + s;
      double[] q = depths.logprob()[start];
      blocks[s] =
          RecordedPaths.of(Arrays.copyOfRange(p, start, start + q.length), q, depths.rank()[start]);
    }
    return new BlocksLaw(rule, draft.depth(), blocks);
  }

  @Override
  public String estimateRefusal() {
    return "draft '"
        + name()
        + "' was recorded without logits, so there is no estimate at another temperature";
  }

  /**
   * A rule's law on a path that each block sees otherwise.
   *
   * @param depth most tokens of a block
   * @param blocks [N]: what a block that starts there knows of the path from there on
   */
  private record BlocksLaw(VerificationRule rule, int depth, RecordedPath[] blocks)
      implements AcceptanceLaw {
    @Override
    public int length() {
      return blocks.length;
    }

    @Override
    public int available(int position) {
      return depth;
    }

    @Override
    public int known(int position) {
      return Math.min(blocks[position].length(), length() - position - 1);
    }

    @Override
    public void survival(int position, int draftLength, double[] survival) {
      rule.survival(blocks[position], 0, draftLength, survival);
    }
  }
}
