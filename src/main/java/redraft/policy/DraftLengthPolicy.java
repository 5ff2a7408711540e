package redraft.policy;

/**
 * Chooses how many tokens to draft in each step. Its whole memory is one number, the length it asks
 * for next, so that replay can follow it exactly.
 */
public interface DraftLengthPolicy {
  /** The name on the command line and in reports. */
  String name();

  /** The draft length of the first step. */
  int initialLength();

  /**
   * The length after a step that drafted {@code drafted} tokens when asked for {@code length} and
   * had {@code accepted} of them kept.
   */
  int nextLength(int length, int drafted, int accepted);

  /** The draft length that was asked for, in results; null where the policy takes none. */
  default Integer draftLength() {
    return initialLength();
  }

  /** Whether every step asks for the same length. */
  default boolean fixed() {
    return false;
  }

  /**
   * Whether each step drafts just what will be accepted: a bound in expectation, which no decoding
   * can follow.
   */
  default boolean foresees() {
    return false;
  }

  /**
   * Whether more acceptance never takes more steps (docs/theory.md, "From acceptances to steps").
   */
  default boolean monotone() {
    return false;
  }
}
