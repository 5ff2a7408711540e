package redraft.replay;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redraft.policy.DraftLengthPolicy;
import redraft.steps.StepShape;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/**
 * A recorded draft model that works while the target verifies, as {@link Ahead} says;
 * docs/latency.md, "Drafting beside the target".
 *
 * @param guesses for each outcome; 0 for PEARL
 */
public record AheadDraft(String name, RecordedDraft draft, TraceHeader header, int guesses)
    implements ReplayDraft {
  private static final Pattern NAME =
      Pattern.compile("(?<way>pearl|ssd-(?<guesses>[1-9][0-9]{0,3})):(?<draft>.+)", Pattern.DOTALL);

  /** The name of the draft that a name says to work ahead; null where it says no such thing. */
  static String draftOf(String name) {
    Matcher parts = NAME.matcher(name);
    return parts.matches() ? parts.group("draft") : null;
  }

  /**
   * @param name of which {@link #draftOf} is not null
   * @throws IllegalArgumentException if the draft cannot work while the target does
   */
  static AheadDraft of(String name, ReplayDraft draft, TraceHeader header) {
    Matcher parts = NAME.matcher(name);
    if (!parts.matches()
        || !(draft instanceof RecordedDraft recorded)
        || !recorded.ranked()
        || draft.step(1).drafting() != StepShape.Drafting.MODEL) {
      throw new IllegalArgumentException(
          "draft '"
              + draft.name()
              + "' cannot draft while the target verifies, as '"
              + name
              + "' asks: that takes a draft model of its own, recorded with probabilities and ranks");
    }
    String guesses = parts.group("guesses");
    return new AheadDraft(name, recorded, header, guesses == null ? 0 : Integer.parseInt(guesses));
  }

  @Override
  public boolean ahead() {
    return true;
  }

  @Override
  public List<String> notes() {
    return List.of(
        name
            + " drafts while the target verifies, on devices of its own that are as fast as the target's: neither slows the"
            + " other down, what passes between them takes no time, and no price is given, because the rent of the draft's is not known"
            + (guesses == 0
                ? ""
                : "; "
                    + guesses
                    + " guesses for each number of accepted tokens, drafted on together in passes of as many rows, which a cost ratio charges like one"));
  }

  @Override
  public StepShape step(int drafted) {
    return draft.step(drafted);
  }

  @Override
  public String refusal(VerificationRule rule) {
    return draft.refusal(rule);
  }

  @Override
  public String refusal(DraftLengthPolicy policy) {
    return policy.fixed()
        ? draft.refusal(policy)
        : "draft '"
            + name
            + "' begins its next tokens before it is known how many were accepted, and policy '"
            + policy.name()
            + "' decides on that; leave out the one or the other";
  }

  @Override
  public AcceptanceLaw law(TraceSequence sequence, VerificationRule rule) {
    return draft.law(sequence, rule);
  }

  @Override
  public double overlapSum(TraceSequence sequence) {
    return draft.overlapSum(sequence);
  }

  @Override
  public String estimateRefusal() {
    return "draft '"
        + name
        + "' has no estimate at another temperature: which ranks the target would draw there was not recorded";
  }

  @Override
  public ReplaySequence sequence(TraceSequence sequence, AcceptanceLaw law) {
    int[] rank = draft.of(sequence).rank();
    boolean rejectedFirst =
        header.sampling().temperature() == 0 || law instanceof RuleLaw rule && rule.asksForChoice();
    return ReplayDraft.super
        .sequence(sequence, law)
        .with(
            guesses == 0
                ? new Ahead.Pearl()
                : new Ahead.Guesses(
                    guesses,
                    Arrays.copyOfRange(rank, sequence.decodeFrom(), sequence.length()),
                    rejectedFirst));
  }
}
