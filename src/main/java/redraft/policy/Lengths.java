package redraft.policy;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Draft lengths as they are written: {@code 4}, {@code 1,2,4} or {@code 1..12}. */
public final class Lengths {
  /** The longest where none was named. */
  public static final int LONGEST_USUAL = 12;

  /** Where none was named, ascending. */
  public static final List<Integer> USUAL =
      IntStream.rangeClosed(1, LONGEST_USUAL).boxed().toList();

  private static final int LARGEST = 1000;

  private Lengths() {}

  /**
   * Ascending, each once.
   *
   * @throws IllegalArgumentException if the text is not of that form
   */
  public static List<Integer> of(String text) {
    TreeSet<Integer> lengths = new TreeSet<>();
    for (String part : text.split(",", -1)) {
      String[] ends = part.split("\\.\\.", -1);
      int first = length(text, ends[0]);
      int last = length(text, ends[ends.length - 1]);
      if (ends.length > 2 || first > last) {
        throw wrong(text);
      }
      IntStream.rangeClosed(first, last).forEach(lengths::add);
    }
    return List.copyOf(lengths);
  }

  private static int length(String text, String number) {
    try {
      int length = Integer.parseInt(number.trim());
      if (length >= 1 && length <= LARGEST) {
        return length;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw wrong(text);
  }

  /** What is said of a text that names no draft length. */
  public static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is no draft length from 1 to " + LARGEST + ", such as 4, 1,2,4 or 1..12");
  }
}
