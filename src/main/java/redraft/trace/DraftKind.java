package redraft.trace;

import java.util.Locale;

/** What a draft's next token depends on. */
public enum DraftKind {
  /** A model whose distribution depends on the text before it. */
  PREFIX,
  /** A search that copies earlier text: no model, and no pass of one. */
  LOOKUP,
  /**
   * Heads and block-parallel drafters: the place in the block matters besides the text before it.
   */
  DEPTH;

  /** The word used in files. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
