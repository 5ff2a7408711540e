package redraft.replay;

import java.util.Arrays;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence;
import redraft.verify.TokenRule;
import redraft.verify.VerificationRule;

/**
 * A draft of which it was measured how many tokens a step from each position emits, and no more.
 */
public final class AcceptLengthDraft extends TraceDraft {
  /**
   * @param index in the trace's header
   */
  public AcceptLengthDraft(DraftInfo draft, int index) {
    super(draft, index);
  }

  @Override
  public String refusal(VerificationRule rule) {
    return rule instanceof TokenRule
        ? null
        : "rule '"
            + rule.name()
            + "' needs draft log-probabilities; draft '"
            + name()
            + "' was imported with accept lengths only, which rule 'token' replays";
  }

  @Override
  public AcceptanceLaw law(TraceSequence sequence, VerificationRule rule) {
    return new CertainLaw(
        Arrays.stream(acceptLength(sequence))
            .skip(sequence.decodeFrom())
            .map(length -> length - 1)
            .toArray(),
        null);
  }

  @Override
  public int positions(TraceSequence sequence) {
    return acceptLength(sequence).length;
  }

  private int[] acceptLength(TraceSequence sequence) {
    return of(sequence).acceptLength();
  }

  /** Measured accept lengths go past the end, as the drafts that they were measured of did. */
  @Override
  public boolean endKnown(TraceSequence sequence) {
    return false;
  }

  @Override
  public String estimateRefusal() {
    return "the trace was imported with accept lengths only, which hold at the temperature of the measurement";
  }
}
