package redraft.recording;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.trace.LogitDetail;
import redraft.trace.Prompt;
import redraft.trace.SampleTraces;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSummary;
import redraft.trace.archive.Shards;

/** Recordings in shards are those in one file, dealt out. */
class ShardedRecordingTest {
  private static final TraceHeader HEADER = SampleTraces.header(LogitDetail.NONE);
  private static final List<TraceSequence> SEQUENCES =
      SampleTraces.sequences(12, LogitDetail.NONE, 4); // 6 prompts of 2 samples
  private static final int POSITIONS = 8; // of a shard

  @TempDir Path directory;
  private int recorded;

  private static List<Prompt> prompts(List<TraceSequence> sequences) {
    return sequences.stream()
        .filter(sequence -> sequence.sample() == 0)
        .map(sequence -> new Prompt(sequence.id(), sequence.domain(), sequence.prompt()))
        .toList();
  }

  private static TraceSequence sequence(Prompt prompt, int sample) {
    return SEQUENCES.stream()
        .filter(s -> s.id().equals(prompt.id()) && s.sample() == sample)
        .findFirst()
        .orElseThrow();
  }

  /** Is killed at that call. */
  private Recording recording(int call) {
    recorded = 0;
    return new Recording(
        HEADER,
        prompts(SEQUENCES),
        2,
        (prompt, sample) -> {
          if (++recorded == call) {
            throw new IllegalStateException("killed");
          }
          return sequence(prompt, sample);
        },
        count -> {});
  }

  private Recording recording() {
    return recording(0);
  }

  private RecordingPlace place(String folder, long positions) {
    return RecordingPlace.shards(new Shards(directory.resolve(folder), "n"), positions);
  }

  private static Map<String, byte[]> files(Path folder) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path file : all.toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return files;
  }

  private static void assertSame(Map<String, byte[]> expected, Path folder) throws IOException {
    Map<String, byte[]> actual = files(folder);
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, bytes) -> assertArrayEquals(bytes, actual.get(name), name));
  }

  @Test
  void shardsHoldWhatOneFileHolds() throws IOException {
    Path one = directory.resolve("one.jsonl");
    recording().write(one);
    Recording.Result result = recording().write(place("s", POSITIONS));
    assertEquals(12, result.sequences());
    assertEquals(TraceSummary.of(one).positions(), result.positions());
    List<String> lines = new ArrayList<>();
    Map<String, byte[]> files = files(directory.resolve("s"));
    assertTrue(files.size() > 2, files.keySet().toString());
    int shard = 0;
    for (String name : files.keySet()) {
      assertEquals("n-0000" + ++shard + ".jsonl.gz", name);
      Path file = directory.resolve("s").resolve(name);
      TraceSummary summary = TraceSummary.of(file);
      assertTrue(summary.complete());
      assertEquals(2 * summary.prompts(), summary.sequences(), "samples stay together");
      assertTrue(summary.positions() >= POSITIONS || shard == files.size());
      lines.addAll(SampleTraces.lines(file));
    }
    assertEquals(SampleTraces.lines(one), lines);
  }

  @Test
  void aRecordingKilledAnywhereKeepsWholeShardsAndResumesToTheSameBytes() throws IOException {
    recording().write(place("whole", POSITIONS));
    Map<String, byte[]> whole = files(directory.resolve("whole"));
    for (int call = 1; call <= 12; call++) {
      Path folder = directory.resolve("killed" + call);
      RecordingPlace place = place("killed" + call, POSITIONS);
      int killed = call;
      assertThrows(IllegalStateException.class, () -> recording(killed).write(place));
      for (Map.Entry<String, byte[]> file : files(folder).entrySet()) {
        if (!file.getKey().startsWith(".")) {
          assertArrayEquals(whole.get(file.getKey()), file.getValue(), file.getKey());
        }
      }
      Recording.Result result = recording().resume(place);
      assertEquals(call - 1, result.kept());
      assertEquals(12, result.sequences());
      assertSame(whole, folder);
      assertEquals(call == 1 ? 12 : 12 - (call - 1) + 1, recorded); // the longest once more
    }
  }

  /** The last shard as a crash of the machine leaves it: cut at any byte. */
  @Test
  void theUnfinishedShardMayBeCutAnywhere() throws IOException {
    recording().write(place("whole", POSITIONS));
    Map<String, byte[]> whole = files(directory.resolve("whole"));
    int shards = whole.size();
    Shards last = new Shards(directory.resolve("cut"), "n");
    byte[] bytes = whole.get(last.file(shards).getFileName().toString());
    for (int size = 0; size <= bytes.length; size += 13) {
      Files.createDirectories(last.folder());
      last.delete();
      for (int i = 1; i < shards; i++) {
        Files.write(last.file(i), whole.get(last.file(i).getFileName().toString()));
      }
      Files.write(last.unfinished(shards), Arrays.copyOf(bytes, size));
      recording().resume(place("cut", POSITIONS));
      assertSame(whole, last.folder());
    }
  }

  @Test
  void aCompleteOneIsLeftAsItIs() throws IOException {
    recording().write(place("s", POSITIONS));
    Map<String, byte[]> whole = files(directory.resolve("s"));
    Recording.Result result = recording().resume(place("s", POSITIONS));
    assertEquals(12, result.kept());
    assertEquals(0, recorded);
    assertSame(whole, directory.resolve("s"));
    assertThrows(
        FileAlreadyExistsException.class, () -> recording().writeNew(place("s", POSITIONS)));
    recording().write(place("s", 1000));
    assertEquals(List.of("n-00001.jsonl.gz"), List.copyOf(files(directory.resolve("s")).keySet()));
  }

  private String refused(long positions) {
    return assertThrows(
            IllegalArgumentException.class, () -> recording().resume(place("s", positions)))
        .getMessage();
  }

  @Test
  void refusesToGoOnWithOtherShardsThanTheRecordings() throws IOException {
    assertThrows(IllegalStateException.class, () -> recording(12).write(place("s", POSITIONS)));
    assertTrue(
        refused(1)
            .matches(
                "n-0000\\d.jsonl.gz has \\d+ positions and more prompts, which other --shards made; resume with those of the recording"),
        refused(1));
    assertTrue(
        refused(1000)
            .matches(
                "n-0000\\d.jsonl.gz has \\d+ positions and no more prompts, which other --shards made; .*"),
        refused(1000));
    Shards shards = new Shards(directory.resolve("s"), "n");
    byte[] second = Files.readAllBytes(shards.file(2));
    Files.write(shards.file(2), Arrays.copyOf(second, second.length - 40));
    assertEquals(
        shards.file(2)
            + " was cut, and is a finished shard; put the whole of it back, or record anew with --force",
        refused(POSITIONS));
    Files.delete(shards.file(2));
    assertFalse(Files.exists(shards.file(2)));
    assertEquals(
        shards.file(2)
            + " is missing, and later shards are there; put it back, or record anew with --force",
        refused(POSITIONS));
  }
}
