package redraft.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.json.LineException;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSequence.TopLogits;

/** Traces of version 1 as they were written when it was fixed: they are read alike for ever. */
class VersionOneTest {
  @TempDir Path directory;

  private static Path file(String name) {
    try {
      return Path.of(VersionOneTest.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<TraceSequence> read(String name) throws IOException {
    try (TraceReader reader = new TraceReader(file(name))) {
      List<TraceSequence> sequences = new ArrayList<>();
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        sequences.add(sequence);
      }
      assertTrue(reader.complete());
      return sequences;
    }
  }

  @Test
  void theHeaderIsReadAsWritten() throws IOException {
    try (TraceReader reader = new TraceReader(file("v1.jsonl"))) {
      assertEquals(
          new TraceHeader(
              new TraceHeader.TokenizerInfo("aa".repeat(32), 4),
              new TraceHeader.ModelInfo("large", "bb".repeat(32), 7_000_000_000L),
              List.of(
                  new TraceHeader.DraftInfo("small", "cc".repeat(32), 500),
                  new TraceHeader.DraftInfo("n-gram", "", 0)),
              new TraceHeader.Sampling(0.7, 3, 0.95, 42),
              LogitDetail.NONE),
          reader.header());
    }
  }

  @Test
  void probabilitiesHaveTheseTotals() throws IOException {
    List<TraceSequence> sequences = read("v1.jsonl");
    assertEquals(3, sequences.size());
    assertEquals(6, sequences.stream().mapToInt(TraceSequence::length).sum());
    assertEquals(7, sequences.stream().mapToInt(s -> s.promptTokens().length).sum());
    assertEquals(8, sequences.stream().flatMapToInt(s -> IntStream.of(s.tokens())).sum());
    assertEquals(List.of(0, 1, 0), sequences.stream().map(TraceSequence::sample).toList());
    assertEquals(
        List.of(Finish.EOS, Finish.LENGTH, Finish.LENGTH),
        sequences.stream().map(TraceSequence::finish).toList());
    assertEquals("Wer da? \"😀\" ß\n", sequences.get(2).prompt());
    assertEquals(-3.87501, sum(sequences, s -> s.target().logprob()), 1e-12);
    assertEquals(3.2501, sum(sequences, s -> s.target().entropy()), 1e-12);
    assertEquals(18.75, sum(sequences, s -> s.target().margin()));
    assertEquals(2.643036, sum(sequences, s -> s.drafts().get(0).overlap()), 1e-12);
    assertEquals(1.722367, sum(sequences, s -> s.drafts().get(1).overlap()), 1e-12);
    assertArrayEquals(new int[] {3, 4, 1}, sequences.get(1).drafts().get(0).rank());
    assertArrayEquals(
        new double[] {Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.75},
        sequences.get(1).drafts().get(1).logprob());
  }

  private interface Values {
    double[] of(TraceSequence sequence);
  }

  private static double sum(List<TraceSequence> sequences, Values values) {
    return sequences.stream().flatMapToDouble(s -> DoubleStream.of(values.of(s))).sum();
  }

  @Test
  void topLogitsAreReadAsWritten() throws IOException {
    TraceSequence sequence = read("v1-top.jsonl").get(0);
    TopLogits target = sequence.target().top();
    assertArrayEquals(new int[][] {{3, 0}, {2, 1}}, target.tokens());
    assertArrayEquals(new float[][] {{4.5f, 2.5f}, {8.25f, -0.25f}}, target.logits());
    assertArrayEquals(new double[] {-3.5, Double.NEGATIVE_INFINITY}, target.tail());
    TopLogits draft = sequence.drafts().get(0).top();
    assertArrayEquals(new float[][] {{1.5f, 0}, {2, Float.NEGATIVE_INFINITY}}, draft.logits());
  }

  @Test
  void acceptLengthsAreReadAsWritten() throws IOException {
    List<TraceSequence> sequences = read("v1-accept-lengths.jsonl");
    assertEquals(2, sequences.size());
    assertEquals(1, sequences.get(0).decodeFrom());
    assertArrayEquals(new int[] {1, 3, 2, 1}, sequences.get(0).drafts().get(0).acceptLength());
    assertArrayEquals(new int[] {1, 2}, sequences.get(1).drafts().get(1).acceptLength());
    TraceSummary summary = TraceSummary.of(file("v1-accept-lengths.jsonl"));
    assertEquals(5, summary.positions());
    assertEquals((3 + 2 + 1 + 5) / 4.0, summary.drafts().get(0).acceptLength());
    assertEquals((1 + 1 + 2) / 3.0, summary.drafts().get(1).acceptLength());
  }

  @Test
  void draftKindsAreReadAsWrittenAndAPrefixIsMeantWhereNoneIsSaid() throws IOException {
    assertEquals(List.of(DraftKind.PREFIX, DraftKind.LOOKUP), kinds("v1-draft-kinds.jsonl"));
    assertEquals(List.of(DraftKind.PREFIX, DraftKind.PREFIX), kinds("v1-accept-lengths.jsonl"));
  }

  @Test
  void laddersAreReadAsWritten() throws IOException {
    TraceSequence.Draft draft = read("v1-ladder.jsonl").get(1).drafts().get(0);
    assertEquals(List.of("iid:2", "wor:3"), List.copyOf(draft.ladders().keySet()));
    assertArrayEquals(
        new double[] {0.9910246486690835, 0.008975351330916795}, draft.ladders().get("iid:2")[1]);
    assertArrayEquals(new double[] {1, 0, 0}, draft.ladders().get("wor:3")[2]);
    TraceSummary summary = TraceSummary.of(file("v1-ladder.jsonl"));
    assertEquals(List.of("iid:2", "wor:3"), summary.drafts().get(0).ladders());
  }

  @ParameterizedTest
  @CsvSource({
    "iid:2, iid, is not named NAME:CANDIDATES",
    "iid:2, iid:3, has 2 entries; not 3",
    "1.0;0.0, 1.0;0.5, sums to 1.5",
    "1.0;0.0, 1.25;0.0, from 0 to 1",
    "1.0;0.0, 1.0;-0.5, from 0 to 1"
  })
  void laddersThatCannotBeAreRefused(String written, String instead, String why)
      throws IOException {
    String text = Files.readString(file("v1-ladder.jsonl"));
    Path wrong = directory.resolve("wrong.jsonl");
    Files.writeString(wrong, text.replace(written.replace(';', ','), instead.replace(';', ',')));
    String message = assertThrows(LineException.class, () -> TraceSummary.of(wrong)).getMessage();
    assertTrue(message.contains(why.replace(';', ',')), message);
  }

  @Test
  void whatIsLeftAboveLaddersIsReadAsWritten() throws IOException {
    assertEquals(Map.of(), read("v1-ladder.jsonl").get(0).drafts().get(0).headroom());
    TraceSequence.Draft draft = read("v1-headroom.jsonl").get(0).drafts().get(0);
    assertEquals(List.of("iid:2", "wor:2", "k-seq:2"), List.copyOf(draft.ladders().keySet()));
    assertEquals(List.of("iid:2", "k-seq:2"), List.copyOf(draft.headroom().keySet()));
    // Of one candidate the rule is the best that there is.
    assertEquals(0, draft.headroom().get("iid:2")[0][0], 1e-9);
    assertTrue(draft.headroom().get("iid:2")[0][1] > 0);
  }

  @ParameterizedTest
  @CsvSource({
    "'\"headroom\":{\"iid:2\"', '\"headroom\":{\"iid:9\"', is above a ladder that is missing",
    "'\"headroom\":{\"iid:2\":[[', '\"headroom\":{\"iid:2\":[[0.5,', 'has 3 entries, not 2'",
    "'\"headroom\":{\"iid:2\":[[', '\"headroom\":{\"iid:2\":[[0.5,0.5],[', 'has 4 entries, \"tokens\" has 3'",
    "'\"headroom\":{\"iid:2\":[[0.0', '\"headroom\":{\"iid:2\":[[-1', 'from 0 to 1'",
    "'\"ladder\":', '\"other\":', '.ladder\" is missing'"
  })
  void whatCannotBeLeftAboveLaddersIsRefused(String written, String instead, String why)
      throws IOException {
    String text = Files.readString(file("v1-headroom.jsonl"));
    Path wrong = directory.resolve("wrong.jsonl");
    Files.writeString(wrong, text.replaceFirst(Pattern.quote(written), instead));
    String message = assertThrows(LineException.class, () -> TraceSummary.of(wrong)).getMessage();
    assertTrue(message.contains(why), message);
  }

  private static List<DraftKind> kinds(String name) throws IOException {
    try (TraceReader reader = new TraceReader(file(name))) {
      return reader.header().drafts().stream().map(TraceHeader.DraftInfo::kind).toList();
    }
  }

  @Test
  void signalsAndRolloutsAreReadAsWritten() throws IOException {
    Signals signals = read("v1-signals.jsonl").get(0).drafts().get(0).signals();
    assertArrayEquals(new float[] {.5f, .625f}, signals.largest());
    assertArrayEquals(new float[] {1.25f, .875f}, signals.entropy());
    assertArrayEquals(new float[] {.5f, .25f}, signals.confidence());
    Signals.Rollouts chains = signals.rollouts().get(Signals.SAMPLED);
    assertEquals(3, chains.length());
    assertEquals(.5, chains.fraction());
    assertArrayEquals(new int[][] {{3}, {1, 0, 0}, {2}}, chains.tokens());
    assertArrayEquals(new float[] {.875f, .5f, 1}, chains.entropy()[1]);
    assertArrayEquals(new float[] {.625f, .75f, .125f}, chains.confidence()[1]);
    assertEquals(null, read("v1.jsonl").get(0).drafts().get(0).signals());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "v1.jsonl",
        "v1-top.jsonl",
        "v1-accept-lengths.jsonl",
        "v1-draft-kinds.jsonl",
        "v1-ladder.jsonl",
        "v1-headroom.jsonl",
        "v1-signals.jsonl"
      })
  void theWriterStillWritesTheseBytes(String name) throws IOException {
    Path again = directory.resolve(name);
    try (TraceReader reader = new TraceReader(file(name))) {
      SampleTraces.write(again, reader.header(), read(name));
    }
    assertEquals(Files.readString(file(name)), Files.readString(again));
  }
}
