package redraft.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of JSON that a person wrote: presets, hardware, manifests, catalogues, published runs. */
class Utf8Test {
  private static CheckedObject read(byte[] bytes) throws IOException {
    return CheckedObject.read("x.json", new ByteArrayInputStream(bytes));
  }

  /** The second line's value has these bytes, the first of which is its fourteenth. */
  @ParameterizedTest
  @CsvSource({"c0 80", "e0 80 80", "ed a0 80", "f0 9f 98", "ff", "f4 90 80 80", "c3"})
  void bytesThatArePartOfNoCharacterAreRefusedWithTheirLineAndPlace(String bytes) {
    StringBuilder file = new StringBuilder("{\"title\": \"é\",\n \"name\": \"Ré");
    for (String each : bytes.split(" ")) {
      file.append((char) Integer.parseInt(each, 16));
    }
    byte[] latin = (file + "\"}").getBytes(StandardCharsets.ISO_8859_1);
    byte[] mixed =
        new String(latin, StandardCharsets.ISO_8859_1)
            .replace("é", "\u00c3\u00a9")
            .getBytes(StandardCharsets.ISO_8859_1);
    LineException e = assertThrows(LineException.class, () -> read(mixed));
    String first = bytes.substring(0, 2);
    assertEquals(
        "x.json:2: not UTF-8 text: byte 14 is 0x" + first + ", which is part of no character",
        e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\ud800", "\\uDE00", "\\uD83D\\uD83D\\ude00", "\\\\\\ud800 "})
  void anEscapeThatIsHalfOfAPairIsRefusedWithItsLine(String value) {
    byte[] json = ("{\"a\": 1,\n\"name\": \"" + value + "\"}").getBytes(StandardCharsets.UTF_8);
    LineException e = assertThrows(LineException.class, () -> read(json));
    String half =
        value.contains("DE00") ? "\\uDE00" : value.contains("D83D") ? "\\uD83D" : "\\ud800";
    assertEquals(
        "x.json:2: " + half + " is half of a surrogate pair, which is no character",
        e.getMessage());
  }

  @Test
  void wholePairsOtherEscapesAndAByteOrderMarkAreText() throws IOException {
    String json = "\ufeff{\"name\": \"😀\\ud83d\\uDE00 \\\\ud800 \\u00e9\"}";
    CheckedObject object = read(json.getBytes(StandardCharsets.UTF_8));
    assertEquals("😀😀 \\ud800 é", object.text("name"));
  }
}
