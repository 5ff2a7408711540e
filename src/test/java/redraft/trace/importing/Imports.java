package redraft.trace.importing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import redraft.cli.Cli;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;

/**
 * Imports of fixtures, of which src/test/resources/redraft/importing/README.md says what they are.
 */
record Imports(TraceHeader header, List<TraceSequence> sequences, String notes) {
  static final Path FIXTURES = Path.of("src/test/resources/redraft/importing");

  /** An import by the command line that succeeds. */
  static Imports of(Path trace, String line) throws IOException {
    Cli run = Cli.fine("import " + line + " --force --out " + trace);
    return new Imports(header(trace), sequences(trace), run.err());
  }

  /** What an import says that fails. */
  static String refused(Path trace, String line) {
    Cli run = Cli.run(("import " + line + " --force --out " + trace).split(" "));
    assertTrue(run.exit() == 1 || run.exit() == 2, run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    return run.err().strip().replaceFirst("^redraft: ", "");
  }

  private static TraceHeader header(Path trace) throws IOException {
    try (TraceReader reader = new TraceReader(trace)) {
      return reader.header();
    }
  }

  static List<TraceSequence> sequences(Path trace) throws IOException {
    List<TraceSequence> sequences = new ArrayList<>();
    try (TraceReader reader = new TraceReader(trace)) {
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        sequences.add(sequence);
      }
      assertTrue(reader.complete());
    }
    return sequences;
  }

  /** A sequence of the trace that is shipped for temperature 0 or 1. */
  static TraceSequence recorded(int temperature, String id, int sample) throws IOException {
    return sequences(Path.of("traces/tiny-t" + temperature + ".jsonl.gz")).stream()
        .filter(one -> one.id().equals(id) && one.sample() == sample)
        .findFirst()
        .orElseThrow();
  }

  /**
   * That an import says of a text what the recording says of its beginning.
   *
   * @param start first token of the recording that is there
   * @param tolerance of log-probabilities
   */
  static void assertRecorded(
      TraceSequence recorded, TraceSequence imported, int start, double tolerance) {
    int end = start + imported.length();
    assertArrayEquals(
        Arrays.copyOfRange(recorded.tokens(), start, end), imported.tokens(), imported.id());
    assertArrayEquals(
        Arrays.copyOfRange(recorded.target().logprob(), start, end),
        imported.target().logprob(),
        tolerance);
    assertArrayEquals(
        Arrays.copyOfRange(recorded.drafts().get(0).logprob(), start, end),
        imported.drafts().get(0).logprob(),
        tolerance);
    if (imported.drafts().get(0).rank() != null) {
      assertArrayEquals(
          Arrays.copyOfRange(recorded.drafts().get(0).rank(), start, end),
          imported.drafts().get(0).rank());
    }
    if (imported.drafts().get(0).overlap() != null) {
      assertArrayEquals(
          Arrays.copyOfRange(recorded.drafts().get(0).overlap(), start, end),
          imported.drafts().get(0).overlap(),
          tolerance);
      assertArrayEquals(
          Arrays.copyOfRange(recorded.target().entropy(), start, end),
          imported.target().entropy(),
          10 * tolerance);
    }
  }
}
