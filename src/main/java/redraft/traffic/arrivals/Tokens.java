package redraft.traffic.arrivals;

import java.io.IOException;
import redraft.json.LineReader;

/** Numbers of tokens in files of requests. */
final class Tokens {
  private Tokens() {}

  /** The value at which a line is read. */
  static int of(LineReader reader) throws IOException {
    int tokens = reader.integer();
    if (tokens < 1 || tokens > ArrivalFormat.MOST_TOKENS) {
      throw reader.wrongValue("from 1 to " + ArrivalFormat.MOST_TOKENS);
    }
    return tokens;
  }
}
