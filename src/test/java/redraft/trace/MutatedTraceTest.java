package redraft.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.fuzz.Mutation;
import redraft.json.LineException;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Target;
import redraft.trace.TraceSequence.TopLogits;

/** Thousands of damaged traces: each is refused in one line, or read with nothing wrong in it. */
class MutatedTraceTest {
  private static final int MUTANTS = 1000; // of each kind of trace
  private static final long MOST_BYTES =
      32 << 20; // allocated per trace of some 5 kB, classes included
  @TempDir Path directory;

  @ParameterizedTest
  @Timeout(120)
  @CsvSource({
    "NONE, false, .jsonl",
    "NONE, false, .jsonl.gz",
    "TOP, false, .jsonl",
    "NONE, true, .jsonl",
    "NONE, true, .jsonl.gz"
  })
  void aDamagedTraceIsRefusedOrSound(LogitDetail logits, boolean acceptLengths, String suffix)
      throws IOException {
    Path whole =
        SampleTraces.write(
            directory.resolve("whole" + suffix),
            SampleTraces.header(logits),
            acceptLengths
                ? SampleTraces.acceptLengths(12, 1)
                : SampleTraces.sequences(3, logits, 1));
    byte[] bytes = Files.readAllBytes(whole);
    Random random = new Random(9);
    int refused = 0;
    int sequences = 0;
    for (int mutant = 0; mutant < MUTANTS; mutant++) {
      Path file = directory.resolve(mutant + suffix); // overwriting one file again would be slow
      Files.write(file, Mutation.bytes(bytes, random));
      long before = allocated();
      try (TraceReader reader = new TraceReader(file)) {
        int own = 0;
        for (TraceSequence sequence; (sequence = reader.next()) != null; own++) {
          requireSound(sequence, reader.header());
        }
        assertEquals(own, reader.sequences());
        sequences += own;
      } catch (LineException e) {
        refused++;
        assertTrue(
            e.getMessage().matches("\\d+\\.jsonl(\\.gz)?:\\d+: \\P{Cntrl}+"), e.getMessage());
        assertTrue(e.getMessage().length() < 1000, e.getMessage());
      } catch (RuntimeException e) {
        fail("mutant " + mutant, e);
      }
      long used = allocated() - before;
      assertTrue(used < MOST_BYTES, "mutant " + mutant + " took " + used + " bytes");
      Files.delete(file);
    }
    assertTrue(refused > MUTANTS / 10, "refused " + refused);
    assertTrue(sequences > MUTANTS / 10, "sequences of mutants that were read: " + sequences);
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  // ---- what replay relies on, stated once more

  private static void requireSound(TraceSequence sequence, TraceHeader header) {
    int length = sequence.length();
    int vocabulary = header.tokenizer().vocabularySize();
    assertFalse(sequence.id().isEmpty());
    assertFalse(sequence.domain().isEmpty() || sequence.domain().equals("all"));
    assertTrue(sequence.sample() >= 0);
    assertTrue(length > 0 && sequence.promptTokens().length > 0);
    assertTrue(sequence.decodeFrom() >= 0 && sequence.decodeFrom() <= length);
    requireWithin(sequence.tokens(), 0, vocabulary - 1);
    requireWithin(sequence.promptTokens(), 0, vocabulary - 1);
    assertEquals(header.drafts().size(), sequence.drafts().size());
    Target target = sequence.target();
    if (target.hasProbabilities()) {
      requireWithin(target.logprob(), length, -Double.MAX_VALUE, 1e-6);
      requireWithin(target.entropy(), length, -1e-6, Double.MAX_VALUE);
      requireWithin(target.margin(), length, 0, Double.MAX_VALUE);
      requireSound(target.top(), header, length);
    } else {
      assertNull(target.top());
    }
    for (Draft draft : sequence.drafts()) {
      assertEquals(target.hasProbabilities(), draft.hasProbabilities());
      if (draft.hasProbabilities()) {
        assertNull(draft.acceptLength());
        requireWithin(draft.logprob(), length, Double.NEGATIVE_INFINITY, 1e-6);
        requireWithin(draft.overlap(), length, 0, 1 + 1e-6);
        assertEquals(length, draft.rank().length);
        requireWithin(draft.rank(), 1, vocabulary);
        requireSound(draft.top(), header, length);
      } else {
        assertTrue(
            draft.acceptLength().length > 0
                && draft.acceptLength().length >= sequence.decodeFrom());
        requireWithin(draft.acceptLength(), 1, Integer.MAX_VALUE);
      }
    }
  }

  private static void requireSound(TopLogits top, TraceHeader header, int length) {
    assertEquals(header.logits() == LogitDetail.NONE, top == null);
    if (top != null) {
      assertEquals(length, top.tokens().length);
      assertEquals(length, top.logits().length);
      requireWithin(top.tail(), length, Double.NEGATIVE_INFINITY, 1e-6);
      for (int t = 0; t < length; t++) {
        assertEquals(top.tokens()[t].length, top.logits()[t].length);
        requireWithin(top.tokens()[t], 0, header.tokenizer().vocabularySize() - 1);
        for (float logit : top.logits()[t]) {
          assertTrue(logit <= Float.MAX_VALUE);
        }
      }
    }
  }

  private static void requireWithin(int[] values, int least, int most) {
    assertTrue(IntStream.of(values).allMatch(value -> value >= least && value <= most));
  }

  private static void requireWithin(double[] values, int length, double least, double most) {
    assertEquals(length, values.length);
    assertTrue(DoubleStream.of(values).allMatch(value -> value >= least && value <= most));
  }
}
