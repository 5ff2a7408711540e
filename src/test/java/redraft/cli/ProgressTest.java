package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import redraft.replay.TraceSource;

class ProgressTest {
  @Test
  void aLineSaysHowFarWorkIsAndHowMuchLongerItTakes() {
    assertEquals(
        "record: 25%, 10 s, 1.20/s, about 30 s left", Progress.line("record", 12, 48, 10, "", 1));
    assertEquals("record: 0%, 10 s", Progress.line("record", 0, 48, 10, "", 1));
    assertEquals("t1.jsonl: 500 so far, 20 s, 25/s", Progress.line("t1.jsonl", 500, -1, 20, "", 1));
    assertEquals(
        "t1.jsonl: 50%, 2 s, 2.50 MB/s, about 2 s left",
        Progress.line("t1.jsonl", 5_000_000, 10_000_000, 2, " MB", 1_000_000));
    assertEquals(
        "profile: 100%, 12 s, 0.67/s, about 0 s left", Progress.line("profile", 8, 8, 12, "", 1));
  }

  /** Three bytes of a file in ten are three tenths, however many sequences those are. */
  @Test
  void aTraceKnowsHowMuchOfItsFileIsRead() throws IOException {
    Path file = Path.of("traces/tiny-t0.jsonl.gz");
    try (TraceSource source = TraceSource.of(file)) {
      assertEquals(Files.size(file), source.bytes());
      long before = -1;
      while (source.next() != null) {
        assertTrue(source.bytesRead() >= before && source.bytesRead() <= source.bytes());
        before = source.bytesRead();
      }
      assertEquals(source.bytes(), source.bytesRead());
    }
  }

  @Test
  void phasesFollowEachOtherWithoutALineWhereTheyAreShort() {
    PrintStream usual = System.err;
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    try (ProgressPhases phases = new ProgressPhases("demo")) {
      phases.begin("recording", 2);
      phases.step();
      phases.begin("decoding", 1);
      phases.step();
    } finally {
      System.setErr(usual);
    }
    assertEquals("", err.toString(StandardCharsets.UTF_8));
  }

  /** A terminal that obeys carriage returns shows an empty line in the end, and no other. */
  @Test
  void aBarIsOneLineAndLeavesNothingBehind() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Progress.OneLine bar =
        new Progress.OneLine(new PrintStream(out, true, StandardCharsets.UTF_8), 10, 0);
    bar.accept("50% [== ]");
    bar.accept("100% [===]");
    bar.close();
    assertEquals("\r50% [== ]\r100% [===]\r          \r", out.toString(StandardCharsets.UTF_8));
    out.reset();
    Progress.OneLine brief =
        new Progress.OneLine(new PrintStream(out, true, StandardCharsets.UTF_8), 10);
    brief.accept("100% [===]");
    brief.close();
    assertEquals("", out.toString(StandardCharsets.UTF_8), "work of half a second needs no bar");
  }
}
