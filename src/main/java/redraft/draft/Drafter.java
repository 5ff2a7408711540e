package redraft.draft;

import java.util.random.RandomGenerator;

/** Proposes the next tokens of a text, cheaply. */
public interface Drafter extends AutoCloseable {
  String name();

  /**
   * Begins a new text: takes in its prompt, which costs prefill and not decoding.
   *
   * @param random draws the tokens drafted for this text
   */
  default void begin(int[] prompt, RandomGenerator random) {}

  /**
   * Drafts the tokens that may follow the text.
   *
   * @param text the committed tokens, prompt included, are text[0 … length − 1]
   * @param draftLength the most tokens to draft, at least 1; a drafter may return fewer, or none
   */
  Proposal propose(int[] text, int length, int draftLength);

  @Override
  default void close() {}
}
