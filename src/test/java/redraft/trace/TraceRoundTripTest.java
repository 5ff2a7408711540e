package redraft.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.json.LineException;
import redraft.json.LineReader;
import redraft.json.LineSource;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Target;
import redraft.trace.TraceSequence.TopLogits;

class TraceRoundTripTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource
  void whatWasWrittenIsRead(LogitDetail logits) throws IOException {
    TraceHeader header = SampleTraces.header(logits);
    List<TraceSequence> written = SampleTraces.sequences(9, logits, 1);
    Path file = SampleTraces.write(directory.resolve("t.jsonl.gz"), header, written);
    try (TraceReader reader = new TraceReader(file)) {
      assertEquals(header, reader.header());
      for (TraceSequence expected : written) {
        assertFalse(reader.complete());
        assertSame(expected, reader.next());
      }
      assertNull(reader.next());
      assertTrue(reader.complete());
      assertEquals(9, reader.sequences());
      assertEquals(written.stream().mapToInt(TraceSequence::length).sum(), reader.positions());
    }
  }

  /** Field by field, not through the writer. */
  private static void assertSame(TraceSequence expected, TraceSequence actual) {
    assertEquals(expected.id(), actual.id());
    assertEquals(expected.sample(), actual.sample());
    assertEquals(expected.domain(), actual.domain());
    assertEquals(expected.prompt(), actual.prompt());
    assertArrayEquals(expected.promptTokens(), actual.promptTokens());
    assertArrayEquals(expected.tokens(), actual.tokens());
    assertEquals(expected.decodeFrom(), actual.decodeFrom());
    assertEquals(expected.finish(), actual.finish());
    assertArrayEquals(expected.target().logprob(), actual.target().logprob());
    assertArrayEquals(expected.target().entropy(), actual.target().entropy());
    assertArrayEquals(expected.target().margin(), actual.target().margin());
    assertSame(expected.target().top(), actual.target().top());
    assertEquals(expected.drafts().size(), actual.drafts().size());
    for (int i = 0; i < expected.drafts().size(); i++) {
      Draft draft = expected.drafts().get(i);
      Draft read = actual.drafts().get(i);
      assertArrayEquals(draft.logprob(), read.logprob());
      assertArrayEquals(draft.rank(), read.rank());
      assertArrayEquals(draft.overlap(), read.overlap());
      assertArrayEquals(draft.acceptLength(), read.acceptLength());
      assertSame(draft.top(), read.top());
    }
  }

  private static void assertSame(TopLogits expected, TopLogits actual) {
    assertEquals(expected == null, actual == null);
    if (expected != null) {
      assertTrue(Arrays.deepEquals(expected.tokens(), actual.tokens()));
      assertTrue(Arrays.deepEquals(expected.logits(), actual.logits()));
      assertArrayEquals(expected.tail(), actual.tail());
    }
  }

  @Test
  void acceptLengthsComeBackWithoutProbabilities() throws IOException {
    List<TraceSequence> written = SampleTraces.acceptLengths(5, 2);
    TraceHeader header = SampleTraces.header(LogitDetail.NONE);
    Path file = SampleTraces.write(directory.resolve("t.jsonl"), header, written);
    try (TraceReader reader = new TraceReader(file)) {
      for (TraceSequence expected : written) {
        TraceSequence actual = reader.next();
        assertSame(expected, actual);
        assertEquals(1, actual.decodeFrom());
        assertFalse(actual.target().hasProbabilities());
        assertFalse(actual.drafts().get(0).hasProbabilities());
        assertEquals(expected.length() + 1, actual.drafts().get(1).acceptLength().length);
      }
      assertNull(reader.next());
      assertTrue(reader.complete());
    }
    assertTrue(
        Files.readString(file).contains("\"decodeFrom\":1,\"finish\":\"length\",\"target\":{}"));
  }

  @Test
  void numbersKeepTheirLastBit() throws IOException {
    Random random = new Random(3);
    int length = 20_000;
    double[] logprob =
        random
            .longs()
            .mapToDouble(bits -> -Math.abs(Double.longBitsToDouble(bits)))
            .filter(value -> value > -Double.MAX_VALUE)
            .limit(length)
            .toArray();
    float[][] logits = new float[length][1];
    for (float[] row : logits) {
      do {
        row[0] = Float.intBitsToFloat(random.nextInt());
      } while (!Float.isFinite(row[0]));
    }
    int[][] tokens = new int[length][1];
    double[] zeros = new double[length];
    int[] ones = new int[length];
    Arrays.fill(ones, 1);
    TopLogits top = new TopLogits(tokens, logits, zeros);
    TraceSequence sequence =
        SampleTraces.sequence(
            "a",
            "d",
            ones,
            ones,
            new Target(logprob, zeros, zeros, top),
            List.of(new Draft(logprob, ones, zeros, top), new Draft(logprob, ones, zeros, top)));
    Path file = Files.write(directory.resolve("t.jsonl"), TraceWriter.line(sequence));
    try (LineReader lines = new LineReader(LineSource.of(file))) {
      assertTrue(lines.advance());
      assertSame(sequence, SequenceLine.parse(lines)); // any number, whether it is possible or not
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {".jsonl", ".jsonl.gz"})
  void theSameTraceTwiceIsTheSameBytes(String suffix) throws IOException {
    TraceHeader header = SampleTraces.header(LogitDetail.TOP);
    Path first =
        SampleTraces.write(
            directory.resolve("first" + suffix),
            header,
            SampleTraces.sequences(20, LogitDetail.TOP, 4));
    Path second =
        SampleTraces.write(
            directory.resolve("second" + suffix),
            header,
            SampleTraces.sequences(20, LogitDetail.TOP, 4));
    assertEquals(-1, Files.mismatch(first, second));
  }

  @ParameterizedTest
  @ValueSource(strings = {".jsonl", ".jsonl.gz"})
  void aTraceCutAnywhereKeepsItsCompleteSequences(String suffix) throws IOException {
    List<TraceSequence> written = SampleTraces.sequences(4, LogitDetail.NONE, 5);
    TraceHeader header = SampleTraces.header(LogitDetail.NONE);
    List<String> expected = SampleTraces.lines(written);
    Path whole = directory.resolve("whole" + suffix);
    long[] ends = new long[5]; // file size after the header and after each sequence
    try (TraceWriter writer = new TraceWriter(whole, header)) {
      ends[0] = Files.size(whole);
      for (int i = 0; i < 4; i++) {
        writer.write(written.get(i));
        ends[i + 1] = Files.size(whole);
      }
      writer.finish();
    }
    Path cut = directory.resolve("cut" + suffix);
    Files.copy(whole, cut);
    for (long size = Files.size(whole) - 1; size >= 0; size--) {
      try (FileChannel channel = FileChannel.open(cut, StandardOpenOption.WRITE)) {
        channel.truncate(size);
      }
      String where = "cut after " + size + " bytes";
      if (TraceReader.isCutWithin(header, cut)) {
        assertTrue(size < ends[0], where);
        assertThrows(LineException.class, () -> new TraceReader(cut), where);
        continue;
      }
      try (TraceReader reader = new TraceReader(cut)) {
        int count = 0;
        for (TraceSequence sequence; (sequence = reader.next()) != null; count++) {
          assertEquals(expected.get(count), SampleTraces.lines(List.of(sequence)).get(0), where);
        }
        assertFalse(reader.complete(), where);
        assertEquals(count, reader.sequences(), where);
        assertTrue(count == 4 || size < ends[count + 1], where);
      }
    }
  }

  @Test
  void aZstdFileCutAnywhereKeepsItsCompleteSequences() throws IOException {
    List<TraceSequence> written = SampleTraces.sequences(40, LogitDetail.NONE, 5);
    List<String> expected = SampleTraces.lines(written);
    byte[] plain =
        Files.readAllBytes(
            SampleTraces.write(
                directory.resolve("whole.jsonl"), SampleTraces.header(LogitDetail.NONE), written));
    int half = plain.length / 2;
    ByteArrayOutputStream whole = new ByteArrayOutputStream(); // two frames, as pzstd writes them
    whole.write(Zstd.compress(Arrays.copyOf(plain, half)));
    whole.write(Zstd.compress(Arrays.copyOfRange(plain, half, plain.length)));
    Path file = directory.resolve("t.jsonl");
    int most = 0;
    for (int size = whole.size(); size > 20; size -= 41) {
      Files.write(file, Arrays.copyOf(whole.toByteArray(), size));
      try (TraceReader reader = new TraceReader(file)) {
        int count = 0;
        for (TraceSequence sequence; (sequence = reader.next()) != null; count++) {
          assertEquals(expected.get(count), SampleTraces.lines(List.of(sequence)).get(0));
        }
        assertEquals(size == whole.size(), reader.complete(), "cut after " + size);
        assertEquals(size, reader.bytesRead());
        most = size < whole.size() ? Math.max(most, count) : most;
      } catch (LineException e) {
        assertTrue(e.getMessage().startsWith("t.jsonl:1: no header"), e.getMessage());
      }
    }
    assertTrue(most >= 15, "sequences of cut files: " + most); // those of the first frame
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gzip-without-its-suffix.jsonl",
        "plain-with-gzip-suffix.jsonl.gz",
        "zstd-without-its-suffix.jsonl"
      })
  void compressionIsKnownByTheContentWhateverTheName(String name) throws Exception {
    URI file = TraceRoundTripTest.class.getResource("named-otherwise/" + name).toURI();
    try (TraceReader reader = new TraceReader(Path.of(file))) {
      assertEquals("large", reader.header().target().name());
      assertNull(reader.next());
      assertFalse(reader.complete());
    }
  }

  @Test
  void zstdIsNotWritten() {
    assertEquals(
        "files that end in .zst are only read; let the name end in .gz, or in neither",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new TraceWriter(
                        directory.resolve("t.jsonl.zst"), SampleTraces.header(LogitDetail.NONE)))
            .getMessage());
  }

  @Test
  void peekingMovesPastNothing() throws IOException {
    List<TraceSequence> written = SampleTraces.sequences(2, LogitDetail.NONE, 5);
    Path file =
        SampleTraces.write(
            directory.resolve("t.jsonl"), SampleTraces.header(LogitDetail.NONE), written);
    try (TraceReader reader = new TraceReader(file)) {
      assertSame(written.get(0), reader.peek());
      assertEquals(reader.peek(), reader.peek());
      assertEquals(0, reader.sequences());
      assertEquals(0, reader.positions());
      assertSame(written.get(0), reader.next());
      assertEquals(1, reader.sequences());
      assertSame(written.get(1), reader.next());
      assertNull(reader.peek());
      assertNull(reader.next());
      assertEquals(2, reader.sequences());
      assertTrue(reader.complete());
    }
  }

  @Test
  void aSequenceIsInTheFileAsSoonAsItIsWritten() throws IOException {
    Path file = directory.resolve("t.jsonl.gz");
    List<TraceSequence> sequences = SampleTraces.sequences(3, LogitDetail.NONE, 6);
    try (TraceWriter writer = new TraceWriter(file, SampleTraces.header(LogitDetail.NONE))) {
      for (int i = 0; i < 3; i++) {
        writer.write(sequences.get(i));
        assertEquals(SampleTraces.lines(sequences.subList(0, i + 1)), SampleTraces.lines(file));
      }
    }
  }

  @Test
  void whatCouldNotBeReadIsNotWritten() throws IOException {
    Path file = directory.resolve("t.jsonl");
    TraceSequence good = SampleTraces.sequences(1, LogitDetail.NONE, 7).get(0);
    double[] entropy = good.target().entropy().clone();
    entropy[0] = Double.NaN;
    TraceSequence bad =
        SampleTraces.sequence(
            "p1",
            "maths",
            good.promptTokens(),
            good.tokens(),
            new Target(good.target().logprob(), entropy, good.target().margin(), null),
            good.drafts());
    try (TraceWriter writer = new TraceWriter(file, SampleTraces.header(LogitDetail.NONE))) {
      writer.write(good);
      LineException refusal = assertThrows(LineException.class, () -> writer.write(bad));
      assertEquals(
          "t.jsonl:3: \"target.entropy[0]\" is NaN, not finite, at least 0", refusal.getMessage());
      writer.finish();
    }
    assertEquals(SampleTraces.lines(List.of(good)), SampleTraces.lines(file));
  }

  @Test
  void anIdThatComesAgainAfterAnotherIsNotWritten() throws IOException {
    List<TraceSequence> sequences = SampleTraces.sequences(3, LogitDetail.NONE, 7); // p0 p0 p1
    Path file = directory.resolve("t.jsonl");
    try (TraceWriter writer = new TraceWriter(file, SampleTraces.header(LogitDetail.NONE))) {
      writer.write(sequences.get(0));
      writer.write(sequences.get(2));
      assertEquals(
          "t.jsonl:4: \"id\" is \"p0\" again, after another prompt: the samples of a prompt must"
              + " stand together",
          assertThrows(LineException.class, () -> writer.write(sequences.get(0))).getMessage());
      writer.finish();
    }
    assertEquals(
        SampleTraces.lines(List.of(sequences.get(0), sequences.get(2))), SampleTraces.lines(file));
  }

  @Test
  void fieldsThatTheVersionDoesNotNameArePassedOver() throws IOException {
    List<TraceSequence> sequences = SampleTraces.sequences(2, LogitDetail.NONE, 8);
    Path file =
        SampleTraces.write(
            directory.resolve("t.jsonl"), SampleTraces.header(LogitDetail.NONE), sequences);
    String text = Files.readString(file);
    String more =
        text.substring(0, text.lastIndexOf("{\"sequences\"")) // without the footer's hash
            .replace("{\"", "{\"later\":{\"a\":[1,{\"b\":null}]},\"");
    Files.writeString(file, more);
    assertEquals(SampleTraces.lines(sequences), SampleTraces.lines(file));
  }
}
