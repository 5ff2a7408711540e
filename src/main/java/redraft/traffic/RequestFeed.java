package redraft.traffic;

import java.io.Closeable;
import java.io.IOException;

/** Gives a server its requests. */
interface RequestFeed extends Closeable {
  /** When the next request comes, milliseconds; infinity if none comes before others end. */
  double nextMs() throws IOException;

  /** The request that comes next. */
  Request take() throws IOException;

  /** A request has got its last token. */
  default void finished(double nowMs) {}

  @Override
  default void close() throws IOException {}
}
