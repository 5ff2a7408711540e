package redraft.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.json.LineException;
import redraft.trace.LogitDetail;
import redraft.trace.Prompt;
import redraft.trace.SampleTraces;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSequence.Target;

class RecordingTest {
  private static final TraceHeader HEADER = SampleTraces.header(LogitDetail.NONE);
  private static final List<TraceSequence> SEQUENCES =
      SampleTraces.sequences(6, LogitDetail.NONE, 1); // 3 prompts of 2 samples

  @TempDir Path directory;

  private static List<Prompt> prompts(List<TraceSequence> sequences) {
    return sequences.stream()
        .filter(sequence -> sequence.sample() == 0)
        .map(sequence -> new Prompt(sequence.id(), sequence.domain(), sequence.prompt()))
        .toList();
  }

  private static Recording recording(Recording.Source source) {
    return new Recording(HEADER, prompts(SEQUENCES), 2, source, count -> {});
  }

  private static Recording recording() {
    return recording(RecordingTest::sequence);
  }

  private static TraceSequence sequence(Prompt prompt, int sample) {
    return SEQUENCES.stream()
        .filter(s -> s.id().equals(prompt.id()) && s.sample() == sample)
        .findFirst()
        .orElseThrow();
  }

  private static void cut(Path file, long size) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
  }

  @Test
  void everyPromptIsRecordedInItsOrderAndEverySampleOfItInTurn() throws IOException {
    List<String> asked = new ArrayList<>();
    Recording.Result result =
        recording(
                (prompt, sample) -> {
                  asked.add(prompt.id() + "/" + sample);
                  return sequence(prompt, sample);
                })
            .write(directory.resolve("t.jsonl"));
    assertEquals(List.of("p0/0", "p0/1", "p1/0", "p1/1", "p2/0", "p2/1"), asked);
    assertEquals(new Recording.Result(0, 6, positions()), result);
    assertEquals(SampleTraces.lines(SEQUENCES), SampleTraces.lines(directory.resolve("t.jsonl")));
  }

  private static long positions() {
    return SEQUENCES.stream().mapToLong(TraceSequence::length).sum();
  }

  @ParameterizedTest
  @ValueSource(strings = {"t.jsonl", "t.jsonl.gz"})
  void aRecordingCutAnywhereResumesToTheSameBytes(String name) throws IOException {
    Path whole = directory.resolve("whole-" + name);
    recording().write(whole);
    byte[] expected = Files.readAllBytes(whole);
    Random random = new Random(2);
    int resumed = 0;
    int last = expected.length - 1;
    for (int size = last; size >= 0; size -= size > last - 20 ? 1 : 1 + random.nextInt(20)) {
      Path cut = directory.resolve(size + "-" + name); // truncating one file again would be slow
      Files.write(cut, Arrays.copyOf(expected, size));
      Recording.Result result = recording().resume(cut);
      assertEquals(6, result.sequences());
      assertEquals(positions(), result.positions());
      assertEquals(
          -1, Arrays.mismatch(expected, Files.readAllBytes(cut)), "cut after " + size + " bytes");
      Files.delete(cut);
      resumed++;
    }
    assertTrue(resumed > 100);
    try (var left = Files.list(directory)) {
      assertEquals(1, left.count());
    }
  }

  /** A loss of power leaves zeros where data never reached the disk. */
  @ParameterizedTest
  @ValueSource(strings = {"t.jsonl", "t.jsonl.gz"})
  void aRecordingThatEndsInZerosResumesToTheSameBytes(String name) throws IOException {
    Path whole = directory.resolve("whole-" + name);
    recording().write(whole);
    byte[] expected = Files.readAllBytes(whole);
    Random random = new Random(3);
    for (int size = expected.length; size >= 0; size -= 1 + random.nextInt(200)) {
      Path cut = directory.resolve(size + "-" + name);
      int zeros = 1 + random.nextInt(random.nextBoolean() ? 8 : 5000);
      Files.write(cut, Arrays.copyOf(Arrays.copyOf(expected, size), size + zeros));
      recording().resume(cut);
      assertEquals(
          -1,
          Arrays.mismatch(expected, Files.readAllBytes(cut)),
          zeros + " zeros after " + size + " bytes");
      Files.delete(cut);
    }
  }

  @Test
  void whileOneRecorderWritesAFileAnotherIsRefusedAndTheFirstGoesOn() throws IOException {
    Path whole = directory.resolve("whole.jsonl");
    recording().write(whole);
    Path file = directory.resolve("t.jsonl");
    Recording.Source watched =
        (prompt, sample) -> {
          for (Writing other :
              List.<Writing>of(recording()::write, recording()::writeNew, recording()::resume)) {
            assertEquals(
                file + ": another run is writing it; wait for that to end, or name another file",
                assertThrows(FileSystemException.class, () -> other.to(file)).getMessage());
          }
          return sequence(prompt, sample);
        };
    recording(watched).write(file);
    assertEquals(-1, Files.mismatch(whole, file));
    cut(file, Files.size(file) / 2);
    recording(watched).resume(file);
    assertEquals(-1, Files.mismatch(whole, file));
    try (var left = Files.list(directory)) {
      assertEquals(2, left.count());
    }
  }

  /** One of the ways to write a recording. */
  private interface Writing {
    Recording.Result to(Path file) throws IOException;
  }

  @Test
  void aNewRecordingIsNotWrittenOverAFileThatCameMeanwhile() throws IOException {
    Path file = Files.writeString(directory.resolve("t.jsonl"), "another's");
    assertThrows(FileAlreadyExistsException.class, () -> recording().writeNew(file));
    assertEquals("another's", Files.readString(file));
  }

  @Test
  void aLinkInThePlaceOfTheCopyIsNotFollowed() throws IOException {
    Path file = directory.resolve("t.jsonl");
    recording().write(file);
    byte[] expected = Files.readAllBytes(file);
    cut(file, Files.size(file) / 2);
    Path victim = Files.writeString(directory.resolve("victim"), "mine");
    Files.createSymbolicLink(directory.resolve(".resuming-t.jsonl"), victim);
    recording().resume(file);
    assertEquals("mine", Files.readString(victim));
    assertEquals(-1, Arrays.mismatch(expected, Files.readAllBytes(file)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"t.jsonl", "t.jsonl.gz"})
  void aResumeThatIsKilledLosesNoCompleteSequence(String name) throws IOException {
    Path file = directory.resolve(name);
    recording().write(file);
    byte[] expected = Files.readAllBytes(file);
    cut(file, Files.size(file) * 3 / 5);
    byte[] cutBytes = Files.readAllBytes(file);
    List<String> kept = SampleTraces.lines(file);
    assertTrue(kept.size() >= 2 && kept.size() <= 4, "kept " + kept.size());

    // Killed while it checks: nothing has changed.
    assertThrows(IllegalStateException.class, () -> recording(killedAtCall(1)).resume(file));
    assertEquals(-1, Arrays.mismatch(cutBytes, Files.readAllBytes(file)));

    // Killed while it copies: half a copy lies beside the untouched file.
    Path copy = directory.resolve(".resuming-" + name);
    Files.write(copy, Arrays.copyOf(expected, 700));

    // Killed at the first new sequence: the complete ones are there and nothing else.
    assertThrows(IllegalStateException.class, () -> recording(killedAtCall(2)).resume(file));
    assertEquals(kept, SampleTraces.lines(file));
    assertFalse(Files.exists(copy));

    // Killed at the next one: one sequence more.
    assertThrows(IllegalStateException.class, () -> recording(killedAtCall(3)).resume(file));
    assertEquals(kept.size() + 1, SampleTraces.lines(file).size());

    recording().resume(file);
    assertEquals(-1, Arrays.mismatch(expected, Files.readAllBytes(file)));
  }

  /** Ends with an exception at the given call; call 1 is the one that checks the settings. */
  private static Recording.Source killedAtCall(int fatal) {
    int[] calls = new int[1];
    return (prompt, sample) -> {
      if (++calls[0] == fatal) {
        throw new IllegalStateException("killed");
      }
      return sequence(prompt, sample);
    };
  }

  @Test
  void onlyTheMissingSequencesAndOneCheckAreRecorded() throws IOException {
    Path file = directory.resolve("t.jsonl");
    recording().write(file);
    cut(file, Files.size(file) / 2);
    int kept = SampleTraces.lines(file).size();
    List<String> asked = new ArrayList<>();
    Recording.Result result =
        recording(
                (prompt, sample) -> {
                  asked.add(prompt.id() + "/" + sample);
                  return sequence(prompt, sample);
                })
            .resume(file);
    assertEquals(kept, result.kept());
    assertEquals(1 + 6 - kept, asked.size());
    assertEquals("p2/1", asked.get(asked.size() - 1));
  }

  @Test
  void resumingACompleteTraceChangesAndRecordsNothing() throws IOException {
    Path file = directory.resolve("t.jsonl.gz");
    recording().write(file);
    byte[] before = Files.readAllBytes(file);
    Recording.Result result = recording(killedAtCall(1)).resume(file);
    assertEquals(new Recording.Result(6, 6, positions()), result);
    assertEquals(-1, Arrays.mismatch(before, Files.readAllBytes(file)));
  }

  @Test
  void resumingWithoutAFileRecordsEverything() throws IOException {
    Path file = directory.resolve("t.jsonl");
    assertEquals(0, recording().resume(file).kept());
    assertEquals(SampleTraces.lines(SEQUENCES), SampleTraces.lines(file));
  }

  @Test
  void otherSettingsAreRefusedByName() throws IOException {
    Path file = directory.resolve("t.jsonl");
    recording().write(file);
    cut(file, Files.size(file) / 2);
    byte[] before = Files.readAllBytes(file);
    TraceHeader other =
        new TraceHeader(
            HEADER.tokenizer(),
            HEADER.target(),
            HEADER.drafts().subList(0, 1),
            new TraceHeader.Sampling(1, 20, 0.95, -3),
            HEADER.logits());
    Recording recording =
        new Recording(other, prompts(SEQUENCES), 2, RecordingTest::sequence, count -> {});
    assertEquals(
        "t.jsonl was recorded with drafts[1].name n-gram, not missing; "
            + "drafts[1].sha256 \"\", not missing; drafts[1].parameters 0, not missing; "
            + "sampling.temperature 0.7, not 1.0, as asked; "
            + "resume with the settings of the recording",
        assertThrows(IllegalArgumentException.class, () -> recording.resume(file)).getMessage());
    assertEquals(-1, Arrays.mismatch(before, Files.readAllBytes(file)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "p0,p1,p2 | 1 | t.jsonl:3: the recording has 'p0' sample 1 where the prompts and samples asked for have 'p1' sample 0",
        "p1,p0,p2 | 2 | t.jsonl:2: the recording has 'p0' sample 0 where the prompts and samples asked for have 'p1' sample 0",
        "p0       | 2 | t.jsonl:4: the recording has 'p1' sample 0 where the prompts and samples asked for have no sequence",
        "p0,P1,p2 | 2 | t.jsonl:4: the recording has 'p1' sample 0 where the prompts and samples asked for have 'p1' sample 0 with another prompt or domain",
      })
  void otherPromptsAreRefused(String ids, int samples, String problem) throws IOException {
    Path file = directory.resolve("t.jsonl");
    recording().write(file);
    cut(file, Files.size(file) - 10);
    List<Prompt> prompts = new ArrayList<>();
    for (String id : ids.split(",")) {
      Prompt prompt = prompts(SEQUENCES).get(id.charAt(1) - '0');
      prompts.add(id.startsWith("P") ? new Prompt(prompt.id(), prompt.domain(), "Who?") : prompt);
    }
    Recording recording =
        new Recording(HEADER, prompts, samples, RecordingTest::sequence, count -> {});
    assertEquals(
        problem + "; resume with those of the recording",
        assertThrows(IllegalArgumentException.class, () -> recording.resume(file)).getMessage());
  }

  @Test
  void morePromptsThanACompleteTraceHasAreRefused() throws IOException {
    Path file = directory.resolve("t.jsonl");
    recording().write(file);
    List<Prompt> prompts = new ArrayList<>(prompts(SEQUENCES));
    prompts.add(new Prompt("p3", "maths", "More?"));
    Recording recording = new Recording(HEADER, prompts, 2, RecordingTest::sequence, count -> {});
    assertEquals(
        "t.jsonl is complete with 6 sequences, 8 are asked for; record the others into a trace of their own",
        assertThrows(IllegalArgumentException.class, () -> recording.resume(file)).getMessage());
  }

  /**
   * Sequences of 3 tokens under a limit of 3, and one that an end token stopped after 2. The header
   * does not hold the limit, but with another one some sequence would have come out otherwise.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void anotherTokenLimitIsNoticed(int limit) throws IOException {
    List<Prompt> prompts =
        List.of(new Prompt("p0", "d", "a"), new Prompt("p1", "d", "b"), new Prompt("p2", "d", "c"));
    Path file = directory.resolve("t.jsonl");
    new Recording(HEADER, prompts, 1, limited(3), count -> {}).write(file);
    cut(file, Files.size(file) - 200);
    assertEquals(2, SampleTraces.lines(file).size());
    Recording other = new Recording(HEADER, prompts, 1, limited(limit), count -> {});
    assertEquals(
        "'p1' sample 0 has 3 tokens in t.jsonl and comes out otherwise now, with "
            + limit
            + " tokens; resume with the token limit, logits, threads and machine of the recording",
        assertThrows(IllegalArgumentException.class, () -> other.resume(file)).getMessage());
  }

  /** p0 ends by itself after 2 tokens, the others never. */
  static Recording.Source limited(int limit) {
    return (prompt, sample) -> {
      boolean ends = prompt.id().equals("p0") && limit >= 2;
      int length = ends ? 2 : limit;
      int[] tokens = new int[length];
      int[] ranks = new int[length];
      Arrays.fill(ranks, 1);
      double[] zeros = new double[length];
      double[] ones = new double[length];
      Arrays.fill(ones, 1);
      Draft draft = new Draft(zeros, ranks, ones, null);
      return new TraceSequence(
          new TraceSequence.Label(prompt.id(), sample, prompt.domain()),
          new TraceSequence.Prefix(prompt.prompt(), new int[] {1}),
          new TraceSequence.CommittedPath(tokens, ends ? Finish.EOS : Finish.LENGTH),
          new Target(zeros, zeros, zeros, null),
          List.of(draft, draft));
    };
  }

  @Test
  void aDamagedTraceIsNotResumed() throws IOException {
    Path file = directory.resolve("t.jsonl");
    recording().write(file);
    String damaged = Files.readString(file).replaceFirst("\"rank\":\\[", "\"rank\":[0,");
    Files.writeString(file, damaged.substring(0, damaged.length() - 20));
    String problem = assertThrows(LineException.class, () -> recording().resume(file)).getMessage();
    assertTrue(problem.startsWith("t.jsonl:2: \"drafts[0].rank\" has "), problem);
    assertEquals(damaged.substring(0, damaged.length() - 20), Files.readString(file));
  }

  @Test
  void aFileThatIsNoTraceIsNotOverwritten() throws IOException {
    Path file = Files.writeString(directory.resolve("t.jsonl"), "my notes");
    assertThrows(LineException.class, () -> recording().resume(file));
    assertEquals("my notes", Files.readString(file));
  }
}
