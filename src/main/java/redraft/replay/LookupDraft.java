package redraft.replay;

import java.util.Arrays;
import redraft.draft.PromptLookup;
import redraft.draft.SuffixLookup;
import redraft.steps.StepShape;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/**
 * A search of the text, computed from the recorded tokens. A copied token has probability 1 under
 * the draft, and every rule keeps it exactly when the path goes on with it.
 *
 * @param lookup what is found before each recorded token
 */
public record LookupDraft(String name, Lookup lookup) implements ReplayDraft {
  /** Searches one text, at each of its recorded tokens. */
  public interface Lookup {
    PromptLookup.Replay replay(int[] promptTokens, int[] tokens);
  }

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

  /** Prompt lookup. */
  public static LookupDraft prompt(Ngrams ngrams) {
    return new LookupDraft(
        PromptLookup.NAME,
        (prompt, tokens) -> PromptLookup.replay(prompt, tokens, ngrams.longest, ngrams.shortest));
  }

  /** SuffixDecoding over the text itself. */
  public static LookupDraft suffix() {
    return new LookupDraft(SuffixLookup.NAME, SuffixLookup::replay);
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
    PromptLookup.Replay found = lookup.replay(sequence.promptTokens(), sequence.tokens());
    int from = sequence.decodeFrom();
    int end = sequence.length();
    return new CertainLaw(
        Arrays.copyOfRange(found.matched(), from, end),
        Arrays.copyOfRange(found.available(), from, end));
  }

  @Override
  public String estimateRefusal() {
    return "draft '"
        + name()
        + "' has no estimate at another temperature: what it copies depends on the text that would be written there";
  }
}
