package redraft.json;

/**
 * A line of a file that is not what its format says; the message names the file, the line and the
 * rule, in one line of bounded length whatever the file holds.
 */
public final class LineException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final int LONGEST_PROBLEM = 500; // characters

  public LineException(String file, long line, String problem) {
    super(file + ":" + line + ": " + oneLine(problem));
  }

  private static String oneLine(String problem) {
    boolean cut = problem.length() > LONGEST_PROBLEM;
    return Visible.line(cut ? problem.substring(0, LONGEST_PROBLEM) : problem) + (cut ? "…" : "");
  }
}
