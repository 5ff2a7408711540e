package redraft.draft;

/**
 * Ends a block early by what the draft says of its tokens. A signal that is known before a token is
 * drawn ends the block without that token; one of the token drawn ends it after that token, which
 * is kept.
 */
public interface Stopping {
  /** What decides. */
  DraftSignal signal();

  /** Whether a block ends at a place where the signal has this value. */
  boolean stops(float value);
}
