package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class DraftLengthsTest {
  private static List<Integer> parse(String text) {
    return new DraftLengths.Converter().convert(text).values();
  }

  @Test
  void oneLengthAListOrARange() {
    assertEquals(List.of(4), parse("4"));
    assertEquals(List.of(1, 2, 4), parse("1,2,4"));
    assertEquals(IntStream.rangeClosed(1, 12).boxed().toList(), parse("1..12"));
    assertEquals(List.of(3), parse("3..3"));
    assertEquals(List.of(1, 2, 3, 8), parse("1..3,8"));
    assertEquals(List.of(1000), parse("1000"));
  }

  @Test
  void lengthsComeInOrderAndOnce() {
    assertEquals(List.of(1, 2, 3, 4), parse("4,2..3, 1,2"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",",
        "0",
        "-1",
        "4,",
        ",4",
        "4,,5",
        "four",
        "1.5",
        "4..2",
        "1..",
        "..4",
        "..",
        "1..2..3",
        "1...3",
        "0..4",
        "1001",
        "1..1001",
        "99999999999"
      })
  void anythingElseIsRefusedWithExamples(String text) {
    var e = assertThrows(TypeConversionException.class, () -> parse(text));
    assertEquals(
        "'" + text + "' is no draft length from 1 to 1000, such as 4, 1,2,4 or 1..12",
        e.getMessage());
  }
}
