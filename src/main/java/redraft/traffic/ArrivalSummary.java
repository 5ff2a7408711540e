package redraft.traffic;

import java.io.IOException;
import redraft.traffic.arrivals.Arrival;
import redraft.traffic.arrivals.Arrivals;

/**
 * Requests of a file in short.
 *
 * @param seconds from the first to the last
 * @param measured what a server took for them; null where the file does not say it of all of them
 */
public record ArrivalSummary(long requests, double seconds, Measured measured) {
  /** Times of a real server, as those of a simulated one. */
  public record Measured(
      Times.Percentiles ttft, Times.Percentiles tpot, Times.Percentiles latency) {}

  /** Reads them all. */
  public static ArrivalSummary of(Arrivals arrivals) throws IOException {
    Times ttft = new Times();
    Times tpot = new Times();
    Times latency = new Times();
    long requests = 0;
    double last = 0;
    for (Arrival each = arrivals.next(); each != null; each = arrivals.next()) {
      requests++;
      last = each.seconds();
      if (each.measured() != null) {
        double first = each.measured().firstTokenSeconds() * 1e3;
        double total = each.measured().lastTokenSeconds() * 1e3;
        ttft.add(first);
        latency.add(total);
        if (each.outputTokens() > 1) {
          tpot.add((total - first) / (each.outputTokens() - 1));
        }
      }
    }
    return new ArrivalSummary(
        requests,
        last,
        requests > 0 && ttft.count() == requests
            ? new Measured(ttft.percentiles(), tpot.percentiles(), latency.percentiles())
            : null);
  }

  /** Requests a second. */
  public double rate() {
    return (requests - 1) / seconds;
  }
}
