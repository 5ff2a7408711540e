package redraft.traffic.arrivals;

/** How long the prompts and answers of requests are, by their number. */
public interface Lengths {
  /** At least 1. */
  int promptTokens(long request);

  /** At least 1. */
  int outputTokens(long request);
}
