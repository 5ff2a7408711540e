package redraft.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import picocli.CommandLine;
import redraft.json.Visible;

/**
 * A stream of text for people, in which whatever a terminal obeys or does not show stands {@link
 * Visible}: names, texts and messages come from others.
 */
final class TextForPeople extends PrintWriter {
  private final PrintWriter exact;

  /**
   * @param exact where it goes; flushed at every line end
   */
  TextForPeople(PrintWriter exact) {
    super(new Escaping(exact), true);
    this.exact = exact;
  }

  /** Standard output of a command as it is: for data, and for colours of the program's own. */
  static PrintWriter exact(CommandLine command) {
    return command.getOut() instanceof TextForPeople shown ? shown.exact : command.getOut();
  }

  private static final class Escaping extends FilterWriter {
    Escaping(Writer out) {
      super(out);
    }

    @Override
    public void write(String text, int offset, int length) throws IOException {
      out.write(Visible.lines(text.substring(offset, offset + length)));
    }

    @Override
    public void write(char[] text, int offset, int length) throws IOException {
      write(new String(text, offset, length), 0, length);
    }

    @Override
    public void write(int character) throws IOException {
      write(String.valueOf((char) character), 0, 1);
    }
  }
}
