package redraft.report;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jline.utils.WCWidth;

/**
 * Where text for people is shown.
 *
 * @param width columns of a line
 * @param colours whether they are seen there
 */
public record Screen(int width, boolean colours) {
  /** A file, a pipe, or whatever says nothing of itself. */
  public static final Screen PLAIN = new Screen(80, false);

  /** The fewest columns that anything is fitted to. */
  public static final int NARROWEST = 40;

  private static final Pattern AT_BLANKS = Pattern.compile("(?<= )(?! )");
  private static final Pattern AFTER_SLASHES = Pattern.compile("(?<= )(?! )|(?<=\\w/)(?=\\w)");
  private static final String RESET = "\u001b[0m";

  public Screen {
    if (width < NARROWEST) {
      throw new IllegalArgumentException(
          "a screen of " + width + " columns; at least " + NARROWEST + " are needed");
    }
  }

  /** Columns that a text takes: two for wide characters, none for what joins the one before. */
  public static int columns(String text) {
    return text.codePoints().map(each -> Math.max(0, WCWidth.wcwidth(each))).sum();
  }

  /** A text in lines of at most so many columns, cut at blanks, and in a word only if it must. */
  public static List<String> wrapped(String text, int columns) {
    return wrapped(AT_BLANKS, text, columns);
  }

  /** The same of a cell of a table, in which paths are cut too. */
  static List<String> cell(String text, int columns) {
    return wrapped(AFTER_SLASHES, text, columns);
  }

  /** The columns of the longest part of a cell that is not cut. */
  static int longestPart(String text) {
    return AFTER_SLASHES
        .splitAsStream(text)
        .mapToInt(part -> columns(part.stripTrailing()))
        .max()
        .orElse(0);
  }

  private static List<String> wrapped(Pattern ends, String text, int columns) {
    List<String> lines = new ArrayList<>();
    String line = "";
    for (String part : ends.split(text, -1)) {
      if (!line.isBlank() && columns((line + part).stripTrailing()) > columns) {
        lines.add(line.stripTrailing());
        line = "";
      }
      line += part;
      while (columns(line.stripTrailing()) > columns) {
        int end = prefix(line, columns);
        lines.add(line.substring(0, end));
        line = line.substring(end);
      }
    }
    lines.add(line.stripTrailing());
    return lines;
  }

  /** How many characters fit: at least one. */
  private static int prefix(String text, int columns) {
    int end = text.offsetByCodePoints(0, 1);
    while (end < text.length()
        && columns(text.substring(0, text.offsetByCodePoints(end, 1))) <= columns) {
      end = text.offsetByCodePoints(end, 1);
    }
    return end;
  }

  /** Good news, where colours are seen. */
  public String green(String text) {
    return styled("1;32", text);
  }

  /** Bad news, where colours are seen. */
  public String red(String text) {
    return styled("1;31", text);
  }

  /** Neither, where colours are seen. */
  public String yellow(String text) {
    return styled("1;33", text);
  }

  private String styled(String code, String text) {
    return colours ? "\u001b[" + code + "m" + text + RESET : text;
  }
}
