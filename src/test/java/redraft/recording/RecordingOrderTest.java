package redraft.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.trace.LogitDetail;
import redraft.trace.Prompt;
import redraft.trace.SampleTraces;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceWriter;

/** The order in which the domains of a file of prompts are recorded. */
class RecordingOrderTest {
  private static final TraceHeader HEADER = SampleTraces.header(LogitDetail.NONE);

  @TempDir Path directory;

  /** Four prompts on maths, two of drama, one of code, as a file has them. */
  private static final List<Prompt> BY_DOMAIN =
      Stream.of("m1", "m2", "m3", "m4", "d1", "d2", "c1")
          .map(id -> new Prompt(id, id.substring(0, 1), "about " + id))
          .toList();

  private static final List<String> IN_TURNS =
      List.of("m1", "d1", "c1", "m2", "d2", "m3", "m4"); // a prompt of each domain, and again

  private static Recording byDomain(List<Prompt> prompts) {
    return new Recording(HEADER, prompts, 2, RecordingTest.limited(3), count -> {});
  }

  private static List<String> idsOf(Path file) throws IOException {
    List<String> ids = new ArrayList<>();
    try (TraceReader reader = new TraceReader(file)) {
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        ids.add(sequence.id() + "/" + sequence.sample());
      }
    }
    return ids;
  }

  private static List<String> twice(List<String> ids) {
    return ids.stream().flatMap(id -> Stream.of(id + "/0", id + "/1")).toList();
  }

  @Test
  void domainsTakeTurnsAndTheSamplesOfAPromptStayTogether() throws IOException {
    Path file = directory.resolve("t.jsonl");
    byDomain(BY_DOMAIN).write(file);
    assertEquals(twice(IN_TURNS), idsOf(file));
  }

  @Test
  void aRecordingOfDomainsInTurnsCutAnywhereResumesToTheSameBytes() throws IOException {
    Path whole = directory.resolve("whole.jsonl");
    byDomain(BY_DOMAIN).write(whole);
    byte[] expected = Files.readAllBytes(whole);
    Path cut = directory.resolve("cut.jsonl");
    for (int size = 0; size < expected.length; size += 97) {
      Files.write(cut, Arrays.copyOf(expected, size));
      byDomain(BY_DOMAIN).resume(cut);
      assertEquals(-1, Arrays.mismatch(expected, Files.readAllBytes(cut)), "cut after " + size);
    }
  }

  /** What earlier releases recorded, in the order of the file, is continued in that order. */
  @Test
  void aRecordingInTheOrderOfTheFileIsResumedInThatOrder() throws IOException {
    Path old = directory.resolve("old.jsonl");
    try (TraceWriter writer = new TraceWriter(old, HEADER)) {
      for (Prompt prompt : BY_DOMAIN) {
        writer.write(RecordingTest.limited(3).record(prompt, 0));
        writer.write(RecordingTest.limited(3).record(prompt, 1));
      }
      writer.finish();
    }
    List<String> lines = Files.readAllLines(old);
    Path cut = directory.resolve("cut.jsonl");
    for (int kept = 3; kept <= 14; kept++) { // from m2 on the orders differ
      Files.write(cut, lines.subList(0, 1 + kept));
      assertEquals(kept, byDomain(BY_DOMAIN).resume(cut).kept());
      assertEquals(-1, Files.mismatch(old, cut), "after " + kept);
    }
    assertEquals(14, byDomain(BY_DOMAIN).resume(old).kept());

    Files.write(cut, lines.subList(0, 3)); // m1 alone: begun in either order
    byDomain(BY_DOMAIN).resume(cut);
    assertEquals(twice(IN_TURNS), idsOf(cut));
  }

  @Test
  void aRecordingInNeitherOrderIsRefusedWhereItLeavesTheLongerMatch() throws IOException {
    Path file = directory.resolve("t.jsonl");
    byDomain(BY_DOMAIN).write(file);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 10));
    List<Prompt> others = new ArrayList<>(BY_DOMAIN);
    others.remove(2); // m3
    assertEquals(
        "t.jsonl:12: the recording has 'm3' sample 0 where the prompts and samples asked for have 'm4' sample 0;"
            + " resume with those of the recording",
        assertThrows(IllegalArgumentException.class, () -> byDomain(others).resume(file))
            .getMessage());
  }
}
