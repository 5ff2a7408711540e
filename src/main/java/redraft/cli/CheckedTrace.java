package redraft.cli;

import java.io.IOException;
import redraft.json.LineException;
import redraft.trace.archive.IndexEntry;
import redraft.trace.archive.NamedTrace;

/**
 * What came out of reading a trace wholly.
 *
 * @param entry null where it cannot be read
 * @param problem null where it can
 */
record CheckedTrace(IndexEntry entry, String problem) {
  /**
   * @param called as messages call it
   */
  static CheckedTrace of(NamedTrace trace, String called) {
    try {
      return new CheckedTrace(IndexEntry.of(trace, called), null);
    } catch (IOException | LineException e) {
      return new CheckedTrace(null, problem(e, called));
    }
  }

  /** In a line that names the file. */
  static String problem(Exception failure, String called) {
    String said = Failures.message(failure);
    return said.contains(called) ? said : called + ": " + said;
  }
}
