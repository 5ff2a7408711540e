package redraft.policy;

/**
 * Chooses how many tokens to draft in each step. Its whole memory is one number, the length it asks
 * for next, so that replay can follow it exactly.
 */
public interface DraftLengthPolicy {
  /** The name in reports. */
  String name();

  /** The draft length of the first step. */
  int initialLength();

  /**
   * The length after a step that drafted {@code drafted} tokens when asked for {@code length} and
   * had {@code accepted} of them kept.
   */
  int nextLength(int length, int drafted, int accepted);
}
