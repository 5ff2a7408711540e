package redraft.replay;

import java.util.Arrays;
import redraft.policy.DraftLengthPolicy;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Coins;
import redraft.verify.VerificationRule;

/**
 * A draft of which one run was recorded, step by step. A step that accepted j of K drafted tokens
 * tested the next j + 1 positions, or j where all were accepted: whether a token drafted there is
 * kept, a coin that has fallen. Positions that no step tested take the acceptance that the header
 * assumes, and are bounded by 0 and 1.
 *
 * <p>Valid where a draft's probabilities depend on the text before it alone and acceptances are
 * independent given the path (docs/theory.md, "Coins").
 */
public final class CoinDraft extends TraceDraft {
  /**
   * @param index in the trace's header
   */
  public CoinDraft(DraftInfo draft, int index) {
    super(draft, index);
  }

  @Override
  public String refusal(VerificationRule rule) {
    return otherRule(draft, rule);
  }

  /** Why a measured run says nothing of a rule; null of its own. */
  static String otherRule(DraftInfo draft, VerificationRule rule) {
    return rule.name().equals(draft.rule())
        ? null
        : "draft '"
            + draft.name()
            + "' was measured under rule '"
            + draft.rule()
            + "' without probabilities, so nothing is known of rule '"
            + rule.name()
            + "'";
  }

  @Override
  public String refusal(DraftLengthPolicy policy) {
    return policy.monotone()
        ? null
        : "policy '"
            + policy.name()
            + "' can take more steps with more acceptance, so nothing bounds what draft '"
            + name()
            + "' left untested; replay it with a fixed draft length";
  }

  @Override
  public AcceptanceLaw law(TraceSequence sequence, VerificationRule rule) {
    int length = sequence.length() - sequence.decodeFrom();
    double[] low = new double[length];
    double[] high = new double[length];
    double[] acceptance = new double[length];
    Arrays.fill(high, 1);
    Arrays.fill(acceptance, draft.untested());
    Coins coins = of(sequence).coins();
    int start = 0;
    for (int step = 0; step < coins.accepted().length; step++) {
      int accepted = coins.accepted()[step];
      for (int t = start; t < Math.min(length, start + accepted); t++) {
        low[t] = 1;
        acceptance[t] = 1;
      }
      int end = start + accepted;
      if (accepted < coins.drafted()[step] && end < length) {
        high[end] = 0;
        acceptance[end] = 0;
      }
      start = end + 1;
    }
    return new EstimatedLaw(low, high, acceptance);
  }
}
