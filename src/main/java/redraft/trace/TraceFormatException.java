package redraft.trace;

/**
 * A trace file that is not what the format says; the message names the file, the line and the rule.
 */
public final class TraceFormatException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public TraceFormatException(String file, long line, String problem) {
    super(file + ":" + line + ": " + problem);
  }
}
