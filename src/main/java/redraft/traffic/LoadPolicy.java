package redraft.traffic;

import java.util.List;

/** Chooses how many tokens to draft by what the server does. One for each run; it may remember. */
interface LoadPolicy {
  /**
   * Before the passes of an iteration.
   *
   * @param cachedTokens of all of them
   */
  default void iteration(List<Request> running, long cachedTokens) {}

  /** The draft length that is asked for of this request. */
  int length(Request request);

  /** Whether fewer tokens may be verified than are drafted. */
  default boolean trims() {
    return false;
  }

  /** How many of its drafted tokens are verified. */
  default int admitted(Request request, int drafted) {
    return drafted;
  }

  /** After a verification. */
  default void verified(Request request, int drafted, int accepted) {}
}
