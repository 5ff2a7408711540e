package redraft.policy;

import redraft.draft.Stopping;

/**
 * Chooses how many tokens to draft in each step, by what was drafted and accepted before. Most
 * remember one number, the length that they ask for next; one that remembers more says so by {@link
 * #start}.
 */
public interface DraftLengthPolicy {
  /**
   * All that a policy knows of a text so far: a value, equal to another where both will ask for the
   * same lengths whatever happens, so that exact replay can put them together.
   */
  interface Memory {
    /** The draft length that it asks for now, at least 0. */
    int length();

    /**
     * What it is after a step that drafted so many tokens and had {@code accepted} of them kept.
     */
    Memory after(int drafted, int accepted);

    /** The same after a step of several texts that is judged by their mean. */
    default Memory afterMean(int drafted, double accepted) {
      return after(drafted, (int) Math.round(accepted));
    }
  }

  /** The memory of a policy that remembers the length that it asks for next, and nothing else. */
  record LengthAlone(DraftLengthPolicy policy, int length) implements Memory {
    @Override
    public Memory after(int drafted, int accepted) {
      return new LengthAlone(policy, policy.nextLength(length, drafted, accepted));
    }
  }

  /** The name on the command line and in reports. */
  String name();

  /** The draft length of the first step. */
  int initialLength();

  /**
   * The length after a step that drafted {@code drafted} tokens when asked for {@code length} and
   * had {@code accepted} of them kept; the same unless a policy says otherwise. Not asked of one
   * that remembers more.
   */
  default int nextLength(int length, int drafted, int accepted) {
    return length;
  }

  /** Its memory when a text starts; of the length alone unless a policy says otherwise. */
  default Memory start() {
    return new LengthAlone(this, initialLength());
  }

  /**
   * What ends a block before its length by what the draft says of its tokens; null where nothing
   * does.
   */
  default Stopping stopping() {
    return null;
  }

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
