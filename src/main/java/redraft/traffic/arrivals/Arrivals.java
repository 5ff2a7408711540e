package redraft.traffic.arrivals;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** Requests one after the other, in the order in which they come. */
public interface Arrivals extends Closeable {
  /** The next request; null after the last. */
  Arrival next() throws IOException;

  /** What a reader should know of them, a line each. */
  default List<String> notes() {
    return List.of();
  }
}
