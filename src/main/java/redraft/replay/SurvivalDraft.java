package redraft.replay;

import redraft.policy.DraftLengthPolicy;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/**
 * A draft of which it was counted how often the steps of one run got so far. It is taken to get as
 * far wherever a step starts; shorter drafts start elsewhere, which is an error of one or two
 * percent (docs/theory.md, "Coins").
 */
public final class SurvivalDraft extends TraceDraft {
  /**
   * @param index in the trace's header
   */
  public SurvivalDraft(DraftInfo draft, int index) {
    super(draft, index);
  }

  @Override
  public String refusal(VerificationRule rule) {
    return CoinDraft.otherRule(draft, rule);
  }

  @Override
  public String refusal(DraftLengthPolicy policy) {
    return DepthDraft.tooDeep(draft, policy);
  }

  @Override
  public AcceptanceLaw law(TraceSequence sequence, VerificationRule rule) {
    return new CountedLaw(sequence.length() - sequence.decodeFrom(), of(sequence).survival());
  }

  /**
   * @param length N, the number of tokens to commit
   * @param counted [K]: P(at least 1, 2, … accepted)
   */
  private record CountedLaw(int length, double[] counted) implements AcceptanceLaw {
    @Override
    public int available(int position) {
      return counted.length;
    }

    @Override
    public int known(int position) {
      return Math.min(counted.length, length - position - 1);
    }

    @Override
    public void survival(int position, int draftLength, double[] survival) {
      survival[0] = 1;
      System.arraycopy(counted, 0, survival, 1, draftLength);
    }
  }
}
