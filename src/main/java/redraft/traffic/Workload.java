package redraft.traffic;

import java.io.IOException;
import java.util.function.UnaryOperator;
import redraft.traffic.arrivals.Arrivals;
import redraft.traffic.arrivals.Lengths;

/** The requests of a run, which it can give anew for every run. */
public final class Workload {
  /** Opens arrivals. */
  @FunctionalInterface
  public interface Opening {
    /**
     * The arrivals of a run.
     *
     * @param lengths of requests that follow texts as these are; null where none is followed
     */
    Arrivals open(Lengths lengths, long seed) throws IOException;
  }

  /** Opens a feed. */
  private interface Feeding {
    RequestFeed open(TextPool texts, long seed) throws IOException;
  }

  private final Feeding feeding;
  private final long from;
  private final long to;

  private Workload(Feeding feeding, long from, long to) {
    this.feeding = feeding;
    this.from = from;
    this.to = to;
  }

  /**
   * Requests that come when they come.
   *
   * @param from number of the first request whose times count
   * @param to number of the first that does not count again; infinite for all
   */
  public static Workload open(Opening arrivals, long from, long to) {
    return new Workload((texts, seed) -> new OpenFeed(arrivals.open(texts, seed), texts), from, to);
  }

  /**
   * Users who ask again as soon as they have an answer.
   *
   * @param count requests in all
   * @param lengths of these, by those of the texts that they follow
   */
  public static Workload closed(
      long users, long count, UnaryOperator<Lengths> lengths, long from, long to) {
    return new Workload(
        (texts, seed) -> new ClosedFeed(users, count, lengths.apply(texts), texts), from, to);
  }

  /**
   * @param texts that requests follow; null where nothing is drafted
   */
  RequestFeed feed(TextPool texts, long seed) throws IOException {
    return feeding.open(texts, seed);
  }

  long from() {
    return from;
  }

  long to() {
    return to;
  }
}
