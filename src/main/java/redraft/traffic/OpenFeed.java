package redraft.traffic;

import java.io.IOException;
import java.util.Optional;
import redraft.traffic.arrivals.Arrival;
import redraft.traffic.arrivals.Arrivals;

/** Requests that come when they come, whatever the server does. */
final class OpenFeed implements RequestFeed {
  private final Arrivals arrivals;
  private final TextPool texts;
  private Optional<Arrival> next; // null before it was asked for
  private long number;

  /**
   * @param texts that requests follow; null where nothing is drafted
   */
  OpenFeed(Arrivals arrivals, TextPool texts) {
    this.arrivals = arrivals;
    this.texts = texts;
  }

  private Optional<Arrival> next() throws IOException {
    if (next == null) {
      next = Optional.ofNullable(arrivals.next());
    }
    return next;
  }

  @Override
  public double nextMs() throws IOException {
    return next().map(arrival -> arrival.seconds() * 1e3).orElse(Double.POSITIVE_INFINITY);
  }

  @Override
  public Request take() throws IOException {
    Arrival arrival = next().orElseThrow();
    next = null;
    Request request =
        new Request(
            number,
            arrival.seconds() * 1e3,
            arrival.promptTokens(),
            arrival.outputTokens(),
            texts == null ? null : texts.of(number, arrival.outputTokens()));
    number++;
    return request;
  }

  @Override
  public void close() throws IOException {
    arrivals.close();
  }
}
