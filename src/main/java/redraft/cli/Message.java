package redraft.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redraft.json.Visible;

/** A message on standard error: one line that can be read, whatever values it has from others. */
final class Message {
  /** Quoted values, and words such as paths, that are too long to read. */
  private static final Pattern LONG_VALUE =
      Pattern.compile("'[^']{200,}'|\"[^\"]{200,}\"|\\S{200,}");

  private static final int LONGEST = 2000; // characters; lists of names stay below it

  private Message() {}

  static String line(String message) {
    String shown =
        LONG_VALUE
            .matcher(Visible.line(String.valueOf(message)))
            .replaceAll(value -> Matcher.quoteReplacement(Visible.cut(value.group(), 100, 40)));
    return "redraft: " + Visible.cut(shown, LONGEST - 400, 400);
  }
}
