package redraft.traffic;

/** Chooses how many tokens to draft by what the server does. One for each run; it may remember. */
interface LoadPolicy {
  /** Before the passes of an iteration, for all requests that decode in it. */
  default void iteration(int decoding, long cachedTokens) {}

  /** The draft length that is asked for of this request. */
  int length(Request request);

  /** After a verification. */
  default void verified(Request request, int drafted, int accepted) {}
}
