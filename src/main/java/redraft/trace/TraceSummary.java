package redraft.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import redraft.json.LineSource;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSequence.TopLogits;

/**
 * What a trace holds, counted in one reading.
 *
 * @param complete whether the trace has its footer; otherwise the recording was cut after these
 *     sequences
 * @param bytes the file's size
 * @param prompts different ids
 * @param domains by name
 * @param finishes sequences by the reason why they ended
 * @param drafts in the order of the header
 * @param logitsPerPosition most logits listed at a position; 0 where none are kept
 */
public record TraceSummary(
    TraceHeader header,
    boolean complete,
    long bytes,
    long prompts,
    SortedMap<String, Domain> domains,
    Map<Finish, Long> finishes,
    List<DraftSummary> drafts,
    int logitsPerPosition) {

  /**
   * One domain.
   *
   * @param positions generated tokens
   */
  public record Domain(long sequences, long positions) {}

  /**
   * One draft.
   *
   * @param overlap mean over positions of Σ_v min(p, q); null where it was not recorded
   * @param acceptLength mean over positions, from {@code decodeFrom} on, of the tokens that a step
   *     with an unlimited draft would emit, or over the steps of a measured run of those that it
   *     emitted; null where probabilities were recorded
   * @param ladders of sampled candidates that were recorded
   * @param signals {@code signals} where it is said how sure it was, and what chains of it there
   *     are
   */
  public record DraftSummary(
      String name,
      Double overlap,
      Double acceptLength,
      List<String> ladders,
      List<String> signals) {}

  /** Of all domains. */
  public long sequences() {
    return domains.values().stream().mapToLong(Domain::sequences).sum();
  }

  /** Generated tokens of all domains. */
  public long positions() {
    return domains.values().stream().mapToLong(Domain::positions).sum();
  }

  /**
   * Reads a whole trace.
   *
   * @throws redraft.json.LineException if it breaks the format; a trace that was cut does not
   */
  public static TraceSummary of(Path file) throws IOException {
    return of(LineSource.of(file));
  }

  /**
   * Reads a whole trace.
   *
   * @throws redraft.json.LineException if it breaks the format; a trace that was cut does not
   */
  public static TraceSummary of(LineSource source) throws IOException {
    try (TraceReader reader = new TraceReader(source)) {
      Counter counter = new Counter();
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        counter.add(sequence);
      }
      return counter.summary(reader);
    }
  }

  /** Counts the sequences of one reading. */
  public static final class Counter {
    private final SortedMap<String, Domain> domains = new TreeMap<>();
    private final Map<Finish, Long> finishes = new EnumMap<>(Finish.class);
    private final List<DraftCounter> drafts = new ArrayList<>(); // of the sequences' drafts
    private long prompts;
    private long positions;
    private int logits;

    public void add(TraceSequence sequence) {
      prompts += sequence.sample() == 0 ? 1 : 0;
      positions += sequence.length();
      domains.merge(
          sequence.domain(),
          new Domain(1, sequence.length()),
          (a, b) -> new Domain(a.sequences + b.sequences, a.positions + b.positions));
      finishes.merge(sequence.finish(), 1L, Long::sum);
      TopLogits top = sequence.target().top();
      for (int t = 0; top != null && t < sequence.length(); t++) {
        logits = Math.max(logits, top.tokens()[t].length);
      }
      for (int i = 0; i < sequence.drafts().size(); i++) {
        if (i == drafts.size()) {
          drafts.add(new DraftCounter());
        }
        drafts.get(i).add(sequence.drafts().get(i), sequence.decodeFrom());
      }
    }

    /**
     * @param reader that has read all that was counted
     */
    public TraceSummary summary(TraceReader reader) {
      List<TraceHeader.DraftInfo> models = reader.header().drafts();
      List<DraftSummary> summaries = new ArrayList<>();
      for (int i = 0; i < models.size(); i++) {
        DraftCounter counter = i < drafts.size() ? drafts.get(i) : new DraftCounter();
        summaries.add(counter.summary(models.get(i).name(), positions));
      }
      return new TraceSummary(
          reader.header(),
          reader.complete(),
          reader.bytesRead(),
          prompts,
          domains,
          finishes,
          summaries,
          logits);
    }
  }

  private static final class DraftCounter {
    private double overlap;
    private double acceptLength;
    private long acceptPositions;
    private List<String> ladders = List.of(); // the same in every sequence
    private List<String> signals = List.of(); // likewise

    void add(Draft draft, int decodeFrom) {
      ladders = List.copyOf(draft.ladders().keySet());
      signals = draft.signals() == null ? List.of() : draft.signals().words();
      overlap += draft.overlap() == null ? Double.NaN : DoubleStream.of(draft.overlap()).sum();
      switch (draft.content()) {
        case ACCEPT_LENGTHS -> {
          int[] lengths = draft.acceptLength();
          acceptLength += IntStream.of(lengths).skip(decodeFrom).asLongStream().sum();
          acceptPositions += lengths.length - decodeFrom;
        }
        case COINS -> {
          acceptLength += draft.coins().committed();
          acceptPositions += draft.coins().accepted().length;
        }
        case SURVIVAL -> {
          acceptLength += 1 + DoubleStream.of(draft.survival()).sum();
          acceptPositions++;
        }
        case PROBABILITIES, DEPTHS -> {}
      }
    }

    DraftSummary summary(String name, long positions) {
      boolean overlaps = positions > 0 && !Double.isNaN(overlap);
      return new DraftSummary(
          name,
          overlaps ? overlap / positions : null,
          acceptPositions > 0 ? acceptLength / acceptPositions : null,
          ladders,
          signals);
    }
  }
}
