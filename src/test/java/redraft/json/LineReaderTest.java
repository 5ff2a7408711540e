package redraft.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.json.LineReader.Fields;

class LineReaderTest {
  @TempDir Path directory;

  /** How a file is compressed. */
  enum Form {
    PLAIN,
    GZIP,
    ZSTD;

    byte[] of(String text) throws IOException {
      byte[] plain = text.getBytes(StandardCharsets.UTF_8);
      ByteArrayOutputStream gzip = new ByteArrayOutputStream();
      try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
        out.write(plain);
      }
      return switch (this) {
        case PLAIN -> plain;
        case GZIP -> gzip.toByteArray();
        case ZSTD -> Zstd.compress(plain);
      };
    }
  }

  private static List<Integer> numbers(LineReader lines) throws IOException {
    List<Integer> numbers = new ArrayList<>();
    while (lines.advance()) {
      numbers.add(
          lines.parse(
              () -> {
                int n = 0;
                Fields fields = lines.fields();
                for (String field; (field = fields.next()) != null; ) {
                  n = field.equals("n") ? lines.integer() : n;
                }
                fields.require("n");
                return n;
              }));
    }
    return numbers;
  }

  /** A pipe whose other end writes a byte at a time. */
  private static InputStream slow(byte[] bytes) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] buffer, int offset, int length) {
        return super.read(buffer, offset, Math.min(1, length));
      }

      @Override
      public synchronized int available() {
        return 0;
      }
    };
  }

  @ParameterizedTest
  @EnumSource
  void standardInputIsReadToItsEndInAnyForm(Form form) throws IOException {
    ByteArrayOutputStream parts = new ByteArrayOutputStream();
    parts.write(form.of("{\"n\":1}\n{\"n\":2}\n"));
    parts.write(form.of("{\"n\":3}\n")); // a member or frame of its own
    LineSource source = LineSource.of("-", slow(parts.toByteArray()));
    try (LineReader lines = new LineReader(source)) {
      assertEquals(List.of(1, 2, 3), numbers(lines));
      assertFalse(lines.cut());
      assertEquals(parts.size(), lines.bytesRead());
    }
  }

  @ParameterizedTest
  @EnumSource
  void messagesCallStandardInputByItsName(Form form) throws IOException {
    byte[] bytes = form.of("{\"n\":1}\n{\"n\":\"two\"}\n");
    try (LineReader lines = new LineReader(LineSource.of("-", new ByteArrayInputStream(bytes)))) {
      assertEquals(
          "standard input:2: \"n\" is \"two\", not a whole number",
          assertThrows(LineException.class, () -> numbers(lines)).getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"GZIP", "ZSTD"})
  void ofDataThatWasCutTheWholeLinesAreThere(Form form) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int n = 0; n < 100_000; n++) {
      text.append("{\"n\":").append(n).append("}\n");
    }
    byte[] whole = form.of(text.toString());
    for (int lost : new int[] {1, 4, 9, whole.length / 2}) {
      byte[] part = Arrays.copyOf(whole, whole.length - lost);
      try (LineReader lines = new LineReader(of(part), true)) {
        int count = 0;
        while (lines.advance() && lines.ended()) {
          count++;
        }
        assertTrue(lines.cut(), "without its last " + lost);
        assertTrue(count > 20_000, count + " lines without the last " + lost + " bytes");
      }
    }
  }

  private static LineSource of(byte[] bytes) {
    return LineSource.of("-", new ByteArrayInputStream(bytes));
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static String problemOf(byte[] bytes) {
    return assertThrows(
            LineException.class,
            () -> {
              try (LineReader lines = new LineReader(of(bytes))) {
                numbers(lines);
              }
            })
        .getMessage();
  }

  /** A loss of power leaves zeros where data never reached the disk. */
  @ParameterizedTest
  @EnumSource
  void zerosAtTheEndAreNoDataButACut(Form form) throws IOException {
    byte[] whole = form.of("{\"n\":1}\n{\"n\":2}\n");
    for (int zeros : new int[] {10, 4096, 200_000}) {
      byte[] bytes = join(whole, new byte[zeros]);
      try (LineReader lines = new LineReader(of(bytes), true)) {
        if (form != Form.ZSTD) { // of which whole frames are read, and this one lacks its last zero
          assertEquals(List.of(1, 2), numbers(lines));
        }
        while (lines.advance() && lines.ended()) {}
        assertTrue(lines.cut());
        assertEquals(bytes.length, lines.bytesRead());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void dataThatWasCutIsRefusedWhereAllOfItIsNeeded(Form form) throws IOException {
    String problem = problemOf(join(form.of("{\"n\":1}\n"), new byte[100]));
    assertTrue(
        problem.matches(
            "standard input:[12]: the file was cut, or ends in zeros: it is not all there; copy it again"),
        problem);
  }

  @Test
  void whatFollowsTheEndOfGzipIsRefusedUnlessItIsGzip() throws IOException {
    byte[] one = Form.GZIP.of("{\"n\":1}\n");
    for (String rest : List.of("x", "garbage", "{\"n\":2}\n", "y".repeat(100_000))) {
      assertEquals(
          "standard input:2: the compressed data is damaged: what follows its end is not compressed by gzip",
          problemOf(join(one, rest.getBytes(StandardCharsets.UTF_8))));
    }
  }

  /** bgzip ends its files in an empty member, whose last nine bytes are zeros. */
  @Test
  void anEmptyMemberEndsGzipTooWhereverItStands() throws IOException {
    byte[] one = Form.GZIP.of("{\"n\":1}\n");
    byte[] empty = Form.GZIP.of("");
    for (byte[] bytes : List.of(join(one, empty), join(empty, one), join(empty, empty, one))) {
      for (LineSource source : List.of(of(bytes), LineSource.of("-", slow(bytes)))) {
        try (LineReader lines = new LineReader(source)) {
          assertEquals(List.of(1), numbers(lines));
          assertFalse(lines.cut());
        }
      }
    }
  }

  @Test
  void zerosWithinTheDataStay() throws IOException {
    byte[] text = "{\"n\":1}\n\0\0\0{\"n\":2}\n".getBytes(StandardCharsets.UTF_8);
    for (LineSource source : List.of(of(text), LineSource.of("-", slow(text)))) {
      try (LineReader lines = new LineReader(source)) {
        assertTrue(lines.advance() && lines.advance());
        assertEquals("\0\0\0{\"n\":2}", new String(lines.bytes(), StandardCharsets.UTF_8));
      }
    }
  }

  /** A header with every field that RFC 1952 allows. */
  @Test
  void theFieldsOfAGzipHeaderArePassedOver() throws IOException {
    byte[] plain = Form.GZIP.of("{\"n\":1}\n");
    byte[] header = {
      0x1F, (byte) 0x8B, 8, 0x1F, 1, 2, 3, 4, 0, 3, 2, 0, 9, 9, 'n', 0, 'c', 0, 7, 7
    };
    byte[] bytes = join(header, Arrays.copyOfRange(plain, 10, plain.length));
    try (LineReader lines = new LineReader(of(bytes))) {
      assertEquals(List.of(1), numbers(lines));
    }
  }

  @Test
  void aByteThatWasChangedIsNotPassedOver() throws IOException {
    byte[] bytes = Form.GZIP.of("{\"n\":1}\n");
    bytes[bytes.length - 6] ^= 1; // of the checksum
    assertEquals(
        "standard input:2: the compressed data is damaged: it does not match its checksum",
        problemOf(bytes));
  }

  @ParameterizedTest
  @EnumSource(names = {"GZIP", "ZSTD"})
  void damagedDataIsOneLine(Form form) throws IOException {
    byte[] bytes = form.of("{\"n\":1}\n".repeat(9) + "{\"n\":20}\n{\"n\":300}\n");
    if (form == Form.GZIP) {
      bytes[10] = 0b111; // a last block of type 3, which there is not
    } else {
      Arrays.fill(bytes, 6, bytes.length - 8, (byte) 0xFF); // blocks
    }
    Path file = Files.write(directory.resolve("n.jsonl"), bytes);
    LineException e =
        assertThrows(
            LineException.class,
            () -> {
              try (LineReader lines = new LineReader(LineSource.of(file))) {
                numbers(lines);
              }
            });
    assertTrue(
        e.getMessage().matches("n\\.jsonl:1: the compressed data is damaged: .+"), e.getMessage());
  }

  @Test
  void skippableFramesOfZstdAreSkipped() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(new byte[] {0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 7, 7}); // as pzstd begins
    bytes.write(Form.ZSTD.of("{\"n\":5}\n"));
    try (LineReader lines =
        new LineReader(LineSource.of("-", new ByteArrayInputStream(bytes.toByteArray())))) {
      assertEquals(List.of(5), numbers(lines));
      assertFalse(lines.cut());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3://bucket/x.jsonl.gz", "https://host/t.jsonl", "hf://a/b"})
  void anAddressIsNamedAsItWasGiven(String address) {
    assertEquals(
        address
            + " cannot be read: only files are, and standard input as '-'; download it, or pipe it"
            + " in",
        assertThrows(
                IllegalArgumentException.class,
                () -> LineSource.of(address, InputStream.nullInputStream()))
            .getMessage());
  }

  @Test
  void aCopyOfStandardInputCanBeReadAgainUnderItsName() throws IOException {
    byte[] bytes = Form.GZIP.of("{\"n\":1}\n{}\n");
    LineSource source = LineSource.of("-", slow(bytes)).repeatable(directory.resolve("copy"));
    for (int reading = 0; reading < 2; reading++) {
      try (LineReader lines = new LineReader(source)) {
        assertEquals(
            "standard input:2: \"n\" is missing",
            assertThrows(LineException.class, () -> numbers(lines)).getMessage());
      }
    }
  }

  @Test
  void aFileIsReadWhereItIs() throws IOException {
    Path file = Files.write(directory.resolve("n.jsonl"), Form.PLAIN.of("{\"n\":1}\n"));
    LineSource source = LineSource.of(file.toString(), InputStream.nullInputStream());
    Path copy = directory.resolve("copy");
    try (LineReader lines = new LineReader(source.repeatable(copy))) {
      assertEquals(List.of(1), numbers(lines));
    }
    assertFalse(Files.exists(copy));
  }
}
