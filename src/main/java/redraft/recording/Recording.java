package redraft.recording;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import redraft.json.FileClaim;
import redraft.json.ResultFiles;
import redraft.trace.Prompt;
import redraft.trace.SequenceWriter;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceWriter;

/**
 * The writing of one trace, or of one in shards. Domains take turns, so that a recording that is
 * cut early holds some of each: the first prompt of every domain, then the second of every domain,
 * and so on; the samples of a prompt stay together. A recording that was cut is continued to the
 * bytes that it would have had.
 *
 * @param prompts in the order of their file; domains take turns in the order of their first prompts
 * @param samples continuations of each prompt
 * @param source makes the sequences
 * @param progress told after each sequence how many the trace holds
 */
public record Recording(
    TraceHeader header,
    List<Prompt> prompts,
    int samples,
    Source source,
    LongConsumer progress,
    Pace pace) {

  /** Makes sequences; the same arguments give the same sequence. */
  public interface Source {
    TraceSequence record(Prompt prompt, int sample);

    /** Why a sequence that was recorded before is none of this source, or null. */
    default String difference(Prompt prompt, TraceSequence recorded) throws IOException {
      TraceSequence repeated = record(prompt, recorded.sample());
      return Arrays.equals(TraceWriter.line(recorded), TraceWriter.line(repeated))
          ? null
          : "comes out otherwise now, with " + repeated.length() + " tokens";
    }

    /** Most tokens that models read and write for a sequence; 0 where nobody counts them. */
    default long mostTokens(Prompt prompt) {
      return 0;
    }

    /** Tokens that models read and wrote for a sequence. */
    default long tokens(TraceSequence sequence) {
      return 0;
    }
  }

  /**
   * How fast and how far to go.
   *
   * @param concurrency sequences that the source makes at once
   * @param tokenBudget of the source, never exceeded
   */
  public record Pace(int concurrency, long tokenBudget) {
    /** One sequence at a time, all of them. */
    public static final Pace ALL = new Pace(1, Long.MAX_VALUE);
  }

  /**
   * What a trace holds now.
   *
   * @param kept sequences that were there before
   * @param complete false where the budget ended the recording; it can be resumed
   */
  public record Result(long kept, long sequences, long positions, boolean complete) {
    public Result(long kept, long sequences, long positions) {
      this(kept, sequences, positions, true);
    }
  }

  public Recording(
      TraceHeader header, List<Prompt> prompts, int samples, Source source, LongConsumer progress) {
    this(header, prompts, samples, source, progress, Pace.ALL);
  }

  /** Sequences of the complete trace. */
  public long total() {
    return (long) prompts.size() * samples;
  }

  /**
   * Writes the recording from its start.
   *
   * @throws FileAlreadyExistsException if there is one already
   */
  public Result writeNew(RecordingPlace place) throws IOException {
    FileClaim claim = FileClaim.take(place.path());
    try (claim) {
      if (!place.files().isEmpty()) {
        throw new FileAlreadyExistsException(place.files().get(0).toString());
      }
      return begin(place);
    }
  }

  /** Writes the recording from its start, over any that is there. */
  public Result write(RecordingPlace place) throws IOException {
    FileClaim claim = FileClaim.take(place.path());
    try (claim) {
      return begin(place);
    }
  }

  /** As {@link #writeNew(RecordingPlace)}, into a file. */
  public Result writeNew(Path file) throws IOException {
    return writeNew(RecordingPlace.file(file));
  }

  /** As {@link #write(RecordingPlace)}, into a file. */
  public Result write(Path file) throws IOException {
    return write(RecordingPlace.file(file));
  }

  private Result begin(RecordingPlace place) throws IOException {
    try (SequenceWriter writer = place.begin(header)) {
      return writeRest(writer, Prompt.domainsInTurns(prompts), 0);
    }
  }

  /**
   * Writes what a cut recording lacks; all of it if there is none, nothing if it is complete.
   * Earlier releases recorded the prompts in the order of their file; a recording that is in that
   * order, and not in that of domains in turns, is continued in it.
   *
   * <p>The complete sequences of the trace that was cut are copied to a file beside it, which takes
   * its name when they are all there; only then is anything new recorded. Whenever this is stopped,
   * the complete sequences are in the file of that name.
   *
   * @throws IllegalArgumentException if it was recorded with other settings
   */
  public Result resume(RecordingPlace place) throws IOException {
    FileClaim claim = FileClaim.take(place.path());
    try (claim) {
      return place.files().isEmpty() ? begin(place) : goOn(place);
    }
  }

  /** As {@link #resume(RecordingPlace)}, of a file. */
  public Result resume(Path file) throws IOException {
    return resume(RecordingPlace.file(file));
  }

  private Result goOn(RecordingPlace place) throws IOException {
    Found found = Found.in(place, this);
    if (found.complete()) {
      return new Result(found.sequences(), found.sequences(), found.positions());
    }
    if (found.longest() != null) {
      requireRepeatable(found.longest(), ResultFiles.name(place.path()));
    }
    try (SequenceWriter writer = place.goOn(header, found.before())) {
      return writeRest(
          writer, found.order(), found.longest() == null ? 0 : source.tokens(found.longest()));
    }
  }

  /**
   * @param spent of the budget
   */
  private Result writeRest(SequenceWriter writer, List<Prompt> order, long spent)
      throws IOException {
    long kept = writer.sequences();
    try (Ahead ahead = new Ahead(source, pace)) {
      ahead.spend(spent);
      long next = kept;
      while (writer.sequences() < total()) {
        while (next < total() && ahead.begin(prompt(order, next), sample(next))) {
          next++;
        }
        TraceSequence sequence = ahead.take();
        if (sequence == null) {
          writer.force();
          return new Result(kept, writer.sequences(), writer.positions(), false);
        }
        writer.write(sequence);
        progress.accept(writer.sequences());
      }
    }
    writer.finish();
    return new Result(kept, writer.sequences(), writer.positions());
  }

  Prompt prompt(List<Prompt> order, long index) {
    return order.get((int) (index / samples));
  }

  int sample(long index) {
    return (int) (index % samples);
  }

  /**
   * Records the longest sequence once more. The header does not say how many tokens or top logits
   * were asked for, nor on which machine: if the longest sequence comes out the same, the token
   * limit is one under which all the others do too.
   */
  private void requireRepeatable(TraceSequence recorded, String trace) throws IOException {
    Prompt prompt =
        prompts.stream().filter(p -> p.id().equals(recorded.id())).findFirst().orElseThrow();
    String difference = source.difference(prompt, recorded);
    if (difference != null) {
      throw new IllegalArgumentException(
          "'"
              + recorded.id()
              + "' sample "
              + recorded.sample()
              + " has "
              + recorded.length()
              + " tokens in "
              + trace
              + " and "
              + difference
              + "; resume with the token limit, logits, threads and machine of the recording");
    }
  }
}
