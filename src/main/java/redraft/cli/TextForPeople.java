package redraft.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import redraft.json.Visible;
import redraft.report.Screen;

/**
 * A stream of text for people, in which whatever a terminal obeys or does not show stands {@link
 * Visible}: names, texts and messages come from others. On a terminal, lines are cut at blanks
 * rather than where it would cut them.
 */
final class TextForPeople extends PrintWriter {
  private final PrintWriter exact;

  /**
   * @param exact where it goes; flushed at every line end
   */
  TextForPeople(PrintWriter exact) {
    this(exact, Terminal.wraps() ? Terminal.screen().width() : Integer.MAX_VALUE);
  }

  /** The same for standard error, which may be a terminal where standard output is none. */
  static TextForPeople errors(PrintWriter exact) {
    return new TextForPeople(
        exact, Terminal.errorsWrap() ? Terminal.screen().width() : Integer.MAX_VALUE);
  }

  /**
   * @param width columns of a line
   */
  TextForPeople(PrintWriter exact, int width) {
    super(new Escaping(exact, width), true);
    this.exact = exact;
  }

  /** Standard output of a command as it is: for data, and for colours of the program's own. */
  static PrintWriter exact(CommandLine command) {
    command.getOut().flush();
    return command.getOut() instanceof TextForPeople shown ? shown.exact : command.getOut();
  }

  private static final class Escaping extends FilterWriter {
    private static final int MOST_INDENTED = 24; // characters
    private static final Pattern TITLE = Pattern.compile(" *(\\S+( \\S+)*  +)?");

    private final int width;
    private final StringBuilder line = new StringBuilder();

    Escaping(Writer out, int width) {
      super(out);
      this.width = width;
    }

    @Override
    public void write(String text, int offset, int length) throws IOException {
      String shown = Visible.lines(text.substring(offset, offset + length));
      if (width == Integer.MAX_VALUE) {
        out.write(shown);
        return;
      }
      line.append(shown);
      for (int end; (end = line.indexOf("\n")) >= 0; line.delete(0, end + 1)) {
        out.write(wrapped(line.substring(0, end)) + "\n");
      }
    }

    /** What follows a title of a line stays to its right. */
    private String wrapped(String text) {
      if (Screen.columns(text) <= width) {
        return text;
      }
      Matcher title = TITLE.matcher(text.substring(0, Math.min(text.length(), MOST_INDENTED)));
      String first = title.lookingAt() ? title.group() : "";
      int indent = Screen.columns(first);
      return first
          + String.join(
              "\n" + " ".repeat(indent),
              Screen.wrapped(text.substring(first.length()), width - indent));
    }

    @Override
    public void write(char[] text, int offset, int length) throws IOException {
      write(new String(text, offset, length), 0, length);
    }

    @Override
    public void write(int character) throws IOException {
      write(String.valueOf((char) character), 0, 1);
    }

    /** The beginning of a line too, which is a prompt or is followed by what is not for people. */
    @Override
    public void flush() throws IOException {
      out.write(line.toString());
      line.setLength(0);
      super.flush();
    }
  }
}
