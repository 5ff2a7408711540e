package redraft.cli;

import java.io.PrintWriter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import redraft.json.Visible;
import redraft.metrics.Payoff;
import redraft.report.Screen;
import redraft.report.TextTable;

/**
 * The terminal that standard output goes to, if it does. {@code COLUMNS} in the environment says
 * how wide text is; {@code NO_COLOR} and {@code CLICOLOR_FORCE} whether it has colours.
 */
final class Terminal {
  /** Columns of the terminal, as {@code scripts/redraft} finds them; 0 where there is none. */
  private static final String COLUMNS_PROPERTY = "redraft.columns";

  private static final Screen SCREEN =
      screen(System.getenv("COLUMNS"), Integer.getInteger(COLUMNS_PROPERTY, detected()), colours());

  private Terminal() {}

  /** What text for people is fitted to. */
  static Screen screen() {
    return SCREEN;
  }

  /** Whether lines of prose are cut at its width too: elsewhere each stays a line. */
  static boolean wraps() {
    return System.getenv("COLUMNS") != null || Integer.getInteger(COLUMNS_PROPERTY, detected()) > 0;
  }

  /** The same of messages on standard error. */
  static boolean errorsWrap() {
    return System.getenv("COLUMNS") != null || Boolean.getBoolean("redraft.terminal");
  }

  /**
   * @param columns of the environment; null for none
   * @param terminal columns of the terminal; 0 where there is none
   */
  static Screen screen(String columns, int terminal, boolean colours) {
    int width = terminal > 0 ? terminal : Screen.PLAIN.width();
    if (columns != null && columns.matches("[0-9]{1,5}")) {
      width = Integer.parseInt(columns);
    }
    return new Screen(Math.max(Screen.NARROWEST, width), colours);
  }

  /** Without the script, Java knows a terminal where both ends of the program are at it. */
  private static int detected() {
    return System.console() == null ? 0 : Screen.PLAIN.width();
  }

  private static boolean colours() {
    return Integer.getInteger(COLUMNS_PROPERTY) == null
        ? Ansi.AUTO.enabled()
        : colours(
            Integer.getInteger(COLUMNS_PROPERTY) > 0,
            System.getenv("NO_COLOR"),
            System.getenv("CLICOLOR_FORCE"),
            System.getenv("TERM"));
  }

  /**
   * @see <a href="https://no-color.org">no-color.org</a>
   * @see <a href="https://bixense.com/clicolors">CLICOLOR_FORCE</a>
   */
  static boolean colours(boolean terminal, String noColor, String force, String term) {
    if (noColor != null && !noColor.isEmpty()) {
      return false;
    }
    return terminal && !"dumb".equals(term) || force != null && !force.equals("0");
  }

  /** As picocli asks for it. */
  static Ansi ansi() {
    return SCREEN.colours() ? Ansi.ON : Ansi.OFF;
  }

  /** Prints a line that has a verdict in it, which is green, red or yellow. */
  static void printVerdict(CommandSpec command, String line, Payoff.Answer verdict) {
    if (SCREEN.colours()) {
      PrintWriter out = TextForPeople.exact(command.commandLine());
      out.println(coloured(line, verdict, SCREEN));
      out.flush();
    } else {
      command.commandLine().getOut().println(line);
    }
  }

  static String coloured(String line, Payoff.Answer verdict, Screen screen) {
    String shown = String.join("\n", Screen.wrapped(Visible.line(line), screen.width()));
    Matcher there = Pattern.compile(":\\s\\Q" + verdict.words() + "\\E").matcher(shown);
    if (!there.find()) { // cut by the end of a line
      return shown;
    }
    String words = verdict.words();
    String colour =
        switch (verdict) {
          case PAYS -> screen.green(words);
          case DOES_NOT_PAY -> screen.red(words);
          case TOO_CLOSE -> screen.yellow(words);
        };
    return shown.substring(0, there.end() - words.length()) + colour + shown.substring(there.end());
  }

  /** Prints a table with its own colours; what others wrote in it is visible. */
  static void print(CommandSpec command, TextTable table) {
    PrintWriter out = TextForPeople.exact(command.commandLine());
    out.print(table.on(SCREEN));
    out.flush();
  }
}
