package redraft.json;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Text as people see it: what a terminal obeys, or does not show, stands there escaped. */
public final class Visible {
  /**
   * Controls, changes of the direction of writing, characters without width, halves of characters;
   * not the joiners of emoji and of some scripts.
   */
  private static final String HIDDEN =
      "[\\p{Cc}\\p{Cs}\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb"
          + "\\x{e0000}-\\x{e007f}]";

  private static final Pattern IN_LINES =
      Pattern.compile("\\r(?!\\n)|" + HIDDEN.replace("]", "&&[^\\t\\r\\n]]"));
  private static final Pattern IN_A_LINE = Pattern.compile(HIDDEN);

  private Visible() {}

  /** Text whose tabs and line ends stay. */
  public static String lines(String text) {
    return escaped(IN_LINES, text);
  }

  /** Text that stays within its line. */
  public static String line(String text) {
    return escaped(IN_A_LINE, text);
  }

  /** The beginning and the end of a long text, and how much there is of it. */
  public static String cut(String text, int first, int last) {
    int length = text.codePointCount(0, text.length());
    return length <= first + last
        ? text
        : text.substring(0, text.offsetByCodePoints(0, first))
            + "… ("
            + length
            + " characters) …"
            + text.substring(text.offsetByCodePoints(text.length(), -last));
  }

  private static String escaped(Pattern hidden, String text) {
    return hidden
        .matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(escape(found.group())));
  }

  private static String escape(String character) {
    return switch (character) {
      case "\n" -> "\\n";
      case "\r" -> "\\r";
      case "\t" -> "\\t";
      default -> hexadecimal(character);
    };
  }

  private static String hexadecimal(String character) {
    return character
        .chars()
        .mapToObj(unit -> String.format(Locale.ROOT, "\\u%04x", unit))
        .collect(Collectors.joining());
  }
}
