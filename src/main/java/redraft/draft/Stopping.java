package redraft.draft;

/**
 * Ends a block early by what the draft says of its tokens. A signal that is known before a token is
 * drawn ends the block without that token; one of the token drawn ends it after that token, which
 * is kept.
 */
public interface Stopping {
  /** What decides. */
  DraftSignal signal();

  /** What is known before anything of a block was drafted. */
  default double atFirst() {
    return 1;
  }

  /**
   * What is known at a place of a block where the signal has this value; the value alone, unless
   * the places before it count too.
   *
   * @param before what was known at the place before it
   */
  default double then(double before, float value) {
    return value;
  }

  /**
   * Whether a block ends at a place.
   *
   * @param known by {@link #then}
   */
  boolean stops(double known);
}
