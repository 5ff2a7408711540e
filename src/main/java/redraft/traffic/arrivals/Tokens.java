package redraft.traffic.arrivals;

import java.io.IOException;
import redraft.json.LineReader;

/** Numbers in files of requests. */
final class Tokens {
  /** Nanoseconds since 1970 stay below it for 3,000 years. */
  static final double LATEST = 1e20;

  private Tokens() {}

  /** The value at which a line is read. */
  static int of(LineReader reader) throws IOException {
    int tokens = reader.integer();
    if (tokens < 1 || tokens > ArrivalFormat.MOST_TOKENS) {
      throw reader.wrongValue("from 1 to " + ArrivalFormat.MOST_TOKENS);
    }
    return tokens;
  }

  /** The time at which a line is read, in whatever unit. */
  static double time(LineReader reader) throws IOException {
    double time = reader.number();
    if (!(Math.abs(time) <= LATEST)) {
      throw reader.wrongValue("no time from -" + LATEST + " to " + LATEST);
    }
    return time;
  }
}
