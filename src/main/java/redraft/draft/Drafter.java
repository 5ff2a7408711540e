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

  /** Why no block of its can end by what it says of its tokens; null where one can. */
  default String stoppingRefusal() {
    return "draft '"
        + name()
        + "' runs no model that says how sure it is of a token; name a draft model, or another policy";
  }

  /**
   * The same, ended by what it says of its tokens.
   *
   * @param stopping which {@link #stoppingRefusal} does not refuse
   */
  default Proposal propose(int[] text, int length, int draftLength, Stopping stopping) {
    throw new IllegalArgumentException(stoppingRefusal());
  }

  @Override
  default void close() {}
}
