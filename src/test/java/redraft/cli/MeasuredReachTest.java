package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.latency.MeasuredProfile;
import redraft.latency.MeasuredProfile.Surroundings;
import redraft.latency.PassTimes;
import redraft.latency.ProfileFiles;
import redraft.recording.PassProfiler;
import redraft.recording.Profiling;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;

/** What becomes of questions that go beyond a measured profile. */
class MeasuredReachTest {
  private static final String TRACE = "traces/tiny-t1.jsonl.gz";
  private static final int REACH = 170;

  @TempDir Path folder;
  private Path profile;

  private static PassTimes times(String model, int maxRows, int reach) {
    List<PassTimes.Curve> curves = new ArrayList<>();
    for (int rows : new int[] {1, maxRows}) {
      double[] ms = {rows};
      curves.add(new PassTimes.Curve(rows, new int[] {1}, ms, ms, ms));
    }
    return new PassTimes(model, curves, reach, false);
  }

  /** Rows 1 to 5, {@code reach} tokens of context. */
  private void write(int reach) throws IOException {
    profile = folder.resolve("short.json");
    ProfileFiles.write(
        profile,
        new MeasuredProfile(
            "short",
            times("tiny-target", 5, reach),
            times("tiny-draft", 2, reach),
            times("tiny-draft", 2, reach),
            Surroundings.NONE,
            Surroundings.NONE,
            1),
        "a test",
        "2026-01-01");
  }

  @BeforeEach
  void longEnoughForEveryText() throws IOException {
    write(256);
  }

  private String over(String command) {
    return command + " " + TRACE + " --latency " + profile;
  }

  @Test
  void usualDraftLengthsBeyondTheRowsAreLeftOutInOneLine() throws IOException {
    JsonNode rows = Cli.json(over("replay"));
    assertEquals(
        List.of(1, 2, 3, 4),
        IntStream.range(0, rows.size())
            .mapToObj(i -> rows.get(i).get("draft_length").asInt())
            .toList());
    Cli best = Cli.fine(over("best"));
    assertEquals(
        "redraft: left out: draft lengths 5, 6, 7, 8, 9, 10, 11, 12; 'short' was measured up to draft length 4, redraft"
            + " profile --rows 13 measures all of them",
        best.err().lines().filter(line -> line.contains("left out: draft")).findFirst().get());
  }

  @ParameterizedTest
  @ValueSource(strings = {"best", "replay", "sweep --csv -"})
  void aDraftLengthThatWasAskedForIsRefused(String command) {
    Cli run = Cli.run((over(command) + " --context 30 --batch 1 --draft-length 5").split(" "));
    assertEquals(2, run.exit(), run.out());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains("measured for 1 to 5 rows, not for 6"), run.err());
  }

  // a text of n tokens that ends at a limit has n − 2 before its last pass; a block of 4 that meets
  // an end token is drafted in full, and the middle of its draft passes lies one further
  @Test
  void textsThatGoBeyondTheContextAreLeftOutOfAllRowsInOneLine() throws IOException {
    write(REACH);
    int beyond = 0;
    int all = 0;
    try (TraceReader reader = new TraceReader(Path.of(TRACE))) {
      for (TraceSequence sequence; (sequence = reader.next()) != null; all++) {
        boolean ended = sequence.finish() == TraceSequence.Finish.EOS;
        int last = sequence.promptTokens().length + sequence.length() - 2 + (ended ? 1 : 0);
        beyond += last > REACH ? 1 : 0;
      }
    }
    assertTrue(beyond > 0 && beyond < all, beyond + " of " + all);
    Cli run = Cli.fine(over("replay") + " --json");
    String said =
        "redraft: left out: "
            + beyond
            + " of "
            + all
            + " sequences, which are longer; 'short' was measured up to";
    assertEquals(1, run.err().lines().filter(line -> line.startsWith(said)).count(), run.err());
    assertTrue(run.err().contains("redraft profile --max-context 2"), run.err());
    assertTrue(Cli.fine(over("best")).err().contains(said));
  }

  @Test
  void whereNoTextIsLeftTheRefusalSaysSo() throws IOException {
    write(20);
    Cli run = Cli.run(over("replay").split(" "));
    assertEquals(2, run.exit());
    assertTrue(run.err().contains("has nothing to replay without 192 of 192 sequences"), run.err());
  }

  @Test
  void theUsualGridOfASweepKeepsWhatWasMeasured() throws IOException {
    write(600);
    Cli sweep = Cli.fine(over("sweep") + " --csv -");
    for (String said : List.of("batches 4, 16, 64, 256;", "contexts 2048;", "draft lengths 5, ")) {
      assertEquals(
          1,
          sweep.err().lines().filter(line -> line.contains("left out: " + said)).count(),
          sweep.err());
    }
    assertEquals(1 + 4 * 2, sweep.out().lines().count()); // draft lengths × rules
  }

  @Test
  void aProfileCoversEveryDraftLengthThatIsLookedAtUnlessToldOtherwise() {
    Path out = folder.resolve("measured.json");
    Cli run = Cli.fine("profile --contexts 1 --rounds 2 --max-context 60 --out " + out);
    assertTrue(run.err().matches("redraft: about \\d+ s to go; fewer --rows.*\\R"), run.err());
    assertTrue(
        run.out().contains("draft lengths up to " + GridOptions.Defaults.LONGEST_DRAFT), run.out());
  }

  @Test
  void aProfileGoesNoFurtherInContextThanAPromptAndAnAnswerUnlessToldTo() {
    Profiling.Extent usual = new Profiling.Extent(13, 8, null, 2);
    assertEquals(1024, usual.longest(131_072));
    assertEquals(256, usual.longest(256));
    assertEquals(4096, new Profiling.Extent(13, 8, 4096, 2).longest(131_072));
  }

  @Test
  void oneContextAloneIsTheLongestSoThatAskingForMoreReachesFurther() {
    assertArrayEquals(new int[] {87}, PassProfiler.contexts(100, 13, 1));
    assertArrayEquals(new int[] {1, 44, 87}, PassProfiler.contexts(100, 13, 3));
  }
}
