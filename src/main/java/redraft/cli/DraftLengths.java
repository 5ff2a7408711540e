package redraft.cli;

import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import redraft.policy.Lengths;

/** {@code 4}, {@code 1,2,4} or {@code 1..12}, in ascending order. */
record DraftLengths(List<Integer> values) {
  /** Refuses 0, which is plain decoding. */
  DraftLengths drafting() {
    if (values.get(0) == 0) {
      throw new IllegalArgumentException("--draft-length " + Lengths.wrong("0").getMessage());
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
      try {
        return new DraftLengths(Lengths.of(text));
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
