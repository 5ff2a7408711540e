package redraft.replay;

import java.util.Arrays;
import redraft.draft.PromptLookup;
import redraft.steps.StepShape;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/**
 * Prompt lookup, computed from the recorded tokens. A copied token has probability 1 under the
 * draft, and every rule keeps it exactly when the path goes on with it.
 */
public record LookupDraft(Ngrams ngrams) implements ReplayDraft {
  /**
   * The n-grams that are looked for.
   *
   * @param shortest tried last, tokens
   * @param longest tried first, tokens
   */
  public record Ngrams(int shortest, int longest) {
    /** 3 tokens, then 2, then 1. */
    public static final Ngrams USUAL = new Ngrams(1, 3);
  }

  @Override
  public String name() {
    return PromptLookup.NAME;
  }

  @Override
  public StepShape step(int drafted) {
    return StepShape.copy(drafted);
  }

  @Override
  public String refusal(TraceSequence sequence) {
    return sequence.knowsTokens()
        ? null
        : "draft '"
            + name()
            + "' copies tokens, and of sequence '"
            + sequence.id()
            + "' only their number is known";
  }

  @Override
  public CertainLaw law(TraceSequence sequence, VerificationRule rule) {
    var lookup =
        PromptLookup.replay(
            sequence.promptTokens(), sequence.tokens(), ngrams.longest, ngrams.shortest);
    int from = sequence.decodeFrom();
    int end = sequence.length();
    return new CertainLaw(
        Arrays.copyOfRange(lookup.matched(), from, end),
        Arrays.copyOfRange(lookup.available(), from, end));
  }

  @Override
  public String estimateRefusal() {
    return "draft '"
        + name()
        + "' has no estimate at another temperature: what it copies depends on the text that would be written there";
  }
}
