package redraft.traffic;

/**
 * What requests got in one run, and what the server did.
 *
 * @param ttft time to the first token, from the arrival on
 * @param tpot time per further token of a request, requests of one token left out
 * @param latency time to the last token
 */
public record TrafficResult(
    Requests requests,
    Times.Percentiles ttft,
    Times.Percentiles tpot,
    Times.Percentiles latency,
    Server server,
    Work work) {
  /**
   * @param counted whose times count
   * @param met of these, those that met the SLO
   * @param arrived while times count
   * @param finished while times count
   * @param waiting when times no longer count
   */
  public record Requests(long counted, long met, long arrived, long finished, int waiting) {}

  /**
   * The time in which requests count.
   *
   * @param tokensPerSecond output tokens of all requests
   * @param utilisation part of the time in which a pass runs
   * @param batchMean requests that run while a pass runs
   * @param waitingMean requests that wait
   * @param kvMean part of the KV cache in use while a pass runs; 0 where it has no bound
   */
  public record Server(
      double windowMs,
      double tokensPerSecond,
      double utilisation,
      double batchMean,
      int batchMost,
      double waitingMean,
      double kvMean,
      double kvMost) {}

  /**
   * The whole run.
   *
   * @param steps of decoding, of all requests
   * @param recomputedTokens read again after preemptions
   */
  public record Work(
      long iterations,
      long steps,
      long drafted,
      long accepted,
      long preemptions,
      long recomputedTokens) {
    /** Tokens that a decoding step emits, past the end of texts not counted. */
    public double tokensPerStep() {
      return 1 + (double) accepted / steps;
    }
  }

  private static final double BACKLOG = 0.05; // of the requests that came

  /**
   * Whether more requests come than the server can serve, so that times grow with the run: those
   * that wait in the end are too many of all that came.
   */
  public boolean overloaded() {
    return requests.waiting > BACKLOG * requests.arrived;
  }

  /** Requests that end, a millisecond. */
  public double requestsPerMs() {
    return requests.finished / server.windowMs;
  }

  /** Requests that met the SLO, a second. */
  public double goodput() {
    return requests.counted == 0
        ? Double.NaN
        : 1e3 * requestsPerMs() * requests.met / requests.counted;
  }
}
