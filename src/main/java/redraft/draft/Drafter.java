package redraft.draft;

/** Proposes the next tokens of a text, cheaply. */
public interface Drafter {
  String name();

  /**
   * Drafts the tokens that may follow the text.
   *
   * @param text the committed tokens, prompt included, are text[0 … length − 1]
   * @param draftLength the most tokens to draft, at least 1; a drafter may return fewer, or none
   */
  Proposal propose(int[] text, int length, int draftLength);
}
