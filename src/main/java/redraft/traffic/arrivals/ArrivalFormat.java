package redraft.traffic.arrivals;

import java.io.IOException;
import redraft.json.LineSource;

/** A kind of file that says when requests came; one file each. */
public interface ArrivalFormat {
  /** Most tokens of a prompt or an answer. */
  int MOST_TOKENS = 1 << 24;

  /** The name on the command line. */
  String format();

  /**
   * Whether a file is of this format.
   *
   * @param beginning of the file, its bytes as ISO 8859-1
   */
  boolean recognises(String beginning);

  /**
   * @throws redraft.json.LineException while requests are read, naming file, line and what is wrong
   */
  Arrivals open(LineSource source) throws IOException;
}
