package redraft.json;

import java.util.Locale;

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
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < problem.length(); i++) {
      if (i == LONGEST_PROBLEM) {
        return line.append('…').toString();
      }
      char c = problem.charAt(i);
      switch (Character.getType(c)) {
        case Character.CONTROL,
            Character.FORMAT,
            Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR ->
            line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
        default -> line.append(c);
      }
    }
    return line.toString();
  }
}
