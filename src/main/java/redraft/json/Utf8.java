package redraft.json;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * UTF-8 taken strictly: no overlong form, no half of a surrogate pair, no other byte that is part
 * of no character, and none that an escape of JSON stands for.
 */
public final class Utf8 {
  static final String HALF = "half of a surrogate pair, which is no character";

  /** A whole pair, a half, or any other escape, which is passed over. */
  private static final Pattern ESCAPE =
      Pattern.compile(
          "\\\\u[dD][89abAB]\\p{XDigit}{2}\\\\u[dD][c-fC-F]\\p{XDigit}{2}"
              + "|(?<half>\\\\u[dD][89a-fA-F]\\p{XDigit}{2})|\\\\.",
          Pattern.DOTALL);

  private Utf8() {}

  /**
   * All of a file of text.
   *
   * @param file the name in messages
   * @throws LineException naming the first line that is no UTF-8
   */
  public static String text(String file, InputStream in) throws IOException {
    byte[] bytes = in.readAllBytes();
    int malformed = malformedAt(bytes, 0, bytes.length);
    if (malformed >= 0) {
      String before = new String(bytes, 0, malformed, StandardCharsets.UTF_8);
      int lineStart = malformed;
      while (lineStart > 0 && bytes[lineStart - 1] != '\n') {
        lineStart--;
      }
      throw new LineException(file, line(before), problem(bytes, lineStart, malformed));
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /**
   * The same of JSON, with or without a byte order mark.
   *
   * @throws LineException where an escape is half of a surrogate pair, too
   */
  public static String json(String file, InputStream in) throws IOException {
    String text = text(file, in);
    for (Matcher escape = ESCAPE.matcher(text); escape.find(); ) {
      if (escape.group("half") != null) {
        throw new LineException(
            file, line(text.substring(0, escape.start())), escape.group() + " is " + HALF);
      }
    }
    return text.startsWith("\ufeff") ? text.substring(1) : text;
  }

  private static long line(String before) {
    return 1 + before.chars().filter(c -> c == '\n').count();
  }

  /** Where the first byte stands that is part of no character; -1 if there is none. */
  static int malformedAt(byte[] bytes, int from, int to) {
    int start = from;
    while (start < to && bytes[start] >= 0) { // ASCII
      start++;
    }
    if (start == to) {
      return -1;
    }
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder(); // which reports
    ByteBuffer in = ByteBuffer.wrap(bytes, start, to - start);
    CharBuffer out = CharBuffer.allocate(1 << 12);
    CoderResult result = decoder.decode(in, out, true);
    while (result.isOverflow()) {
      result = decoder.decode(in, out.clear(), true);
    }
    return result.isError() ? in.position() : -1;
  }

  /** What is wrong with a line, bytes counted from 1. */
  static String problem(byte[] bytes, int lineStart, int malformed) {
    return String.format(
        Locale.ROOT,
        "not UTF-8 text: byte %d is 0x%02x, which is part of no character",
        malformed - lineStart + 1,
        bytes[malformed]);
  }

  /** Whether a text is of whole characters. */
  static boolean whole(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }
}
