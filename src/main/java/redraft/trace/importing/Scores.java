package redraft.trace.importing;

import java.util.Arrays;
import redraft.trace.TraceSequence.Finish;

/**
 * A text, and what a server said of its tokens.
 *
 * @param tokens [n] of all of it
 * @param first index of the first token of which something is said
 * @param logprob [n − first]: −∞ for probability 0
 * @param rank [n − first], {@link #NOT_FIRST} where no more is known; null where not even that is,
 *     of all
 */
record Scores(int[] tokens, int first, double[] logprob, int[] rank) {
  /** The largest log-probability of a certain token, which rounding may leave above 0. */
  static final double ROUNDING = 1e-6;

  /** A rank other than 1. */
  static final int NOT_FIRST = Integer.MAX_VALUE;

  /**
   * What one choice of a response says.
   *
   * @param line of the response
   * @param id of the prompt
   * @param drawn prompt and generated tokens, of which the generated ones are scored; null where
   *     none were
   * @param given the prompt, scored; null where it was not
   */
  record Reply(long line, String id, Scores drawn, Finish finish, Scores given) {
    /** Whether the response was asked for to score its prompt: a token has to be generated then. */
    boolean scoring() {
      return given != null && (drawn == null || drawn.logprob.length <= 1);
    }

    /** What is said of a text that another model wrote: scored as a prompt, or forced. */
    Scores ofAnother() {
      return given != null ? given : drawn;
    }
  }

  /** From that token of the text on. */
  double[] logprobFrom(int start) {
    return Arrays.copyOfRange(logprob, start - first, logprob.length);
  }

  /** From that token of the text on. */
  int[] rankFrom(int start) {
    return Arrays.copyOfRange(rank, start - first, rank.length);
  }

  /** Whether every rank is known. */
  boolean ranked() {
    return rank != null && Arrays.stream(rank).noneMatch(one -> one == NOT_FIRST);
  }

  /** Tokens of a vocabulary in which all that is said here can be. */
  int leastVocabulary() {
    long least = 1;
    for (int token : tokens) {
      least = Math.max(least, token + 1L);
    }
    for (int i = 0; rank != null && i < rank.length; i++) {
      // The most probable of V tokens has a probability of 1 / V at least.
      double fair = rank[i] == 1 ? Math.min(Math.exp(-logprob[i]), 1e9) : 1;
      least = Math.max(least, Math.max(rank[i] == NOT_FIRST ? 1 : rank[i], (long) fair));
    }
    return (int) Math.min(least, Integer.MAX_VALUE);
  }
}
