package redraft.traffic.arrivals;

/**
 * A request that a server gets.
 *
 * @param id unique among the requests of one run
 * @param seconds since the first request
 * @param promptTokens to read, at least 1
 * @param outputTokens to write, at least 1
 * @param measured what a real server took for it; null where that is not known
 */
public record Arrival(
    String id, double seconds, int promptTokens, int outputTokens, Measured measured) {
  /**
   * Times of a real server.
   *
   * @param firstTokenSeconds from the arrival to the first token
   * @param lastTokenSeconds from the arrival to the last token
   */
  public record Measured(double firstTokenSeconds, double lastTokenSeconds) {}

  /** The same by a clock that begins later. */
  Arrival from(double beginning) {
    return new Arrival(id, seconds - beginning, promptTokens, outputTokens, measured);
  }
}
