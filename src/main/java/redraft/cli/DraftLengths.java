package redraft.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code 4}, {@code 1,2,4} or {@code 1..12}, in ascending order. */
record DraftLengths(List<Integer> values) {
  private static final int LARGEST = 1000;

  /** Refuses 0, which is plain decoding. */
  DraftLengths drafting() {
    if (values.get(0) == 0) {
      throw new IllegalArgumentException("--draft-length " + Converter.wrong("0").getMessage());
    }
    return this;
  }

  /** Those that draft. */
  List<Integer> positive() {
    return values.stream().filter(length -> length > 0).toList();
  }

  static final class Converter implements ITypeConverter<DraftLengths> {
    @Override
    public DraftLengths convert(String text) {
      TreeSet<Integer> lengths = new TreeSet<>();
      for (String part : text.split(",", -1)) {
        String[] ends = part.split("\\.\\.", -1);
        int first = length(text, ends[0]);
        int last = length(text, ends[ends.length - 1]);
        if (ends.length > 2 || first > last) {
          throw wrong(text);
        }
        for (int length = first; length <= last; length++) {
          lengths.add(length);
        }
      }
      return new DraftLengths(new ArrayList<>(lengths));
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

    private static TypeConversionException wrong(String text) {
      return new TypeConversionException(
          "'" + text + "' is no draft length from 1 to " + LARGEST + ", such as 4, 1,2,4 or 1..12");
    }
  }
}
