package redraft.traffic.arrivals;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import redraft.json.LineException;

/** Requests of a file as it is read: their times count from the first, and must not go back. */
abstract class InOrder implements Arrivals {
  private final String file;
  private final Closeable input;
  private double first = Double.NaN;
  private double last;

  InOrder(String file, Closeable input) {
    this.file = file;
    this.input = input;
  }

  /** The next request by the clock of the file; null after the last. */
  abstract Arrival read() throws IOException;

  /** What is wrong with the line that was read last. */
  abstract LineException error(String problem);

  /** The note that so many requests failed; none where none did. */
  static List<String> failed(long requests) {
    return requests == 0
        ? List.of()
        : List.of(
            requests
                + (requests == 1 ? " request failed" : " requests failed")
                + " (no answer), left out");
  }

  @Override
  public final Arrival next() throws IOException {
    Arrival next = read();
    if (next == null) {
      if (Double.isNaN(first)) {
        throw new IllegalArgumentException(file + " holds no request");
      }
      return null;
    }
    if (Double.isNaN(first)) {
      first = next.seconds();
    } else if (next.seconds() < last) {
      throw error("the request came before the one above it; sort the file by time");
    }
    last = next.seconds();
    return next.from(first);
  }

  @Override
  public final void close() throws IOException {
    input.close();
  }
}
