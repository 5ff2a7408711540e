package redraft.recording;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.LongConsumer;
import redraft.json.FileClaim;
import redraft.json.ResultFiles;
import redraft.trace.Prompt;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceWriter;

/**
 * The writing of one trace. Domains take turns, so that a recording that is cut early holds some of
 * each: the first prompt of every domain, then the second of every domain, and so on; the samples
 * of a prompt stay together. A recording that was cut is continued to the bytes that it would have
 * had.
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
   * Writes the trace from its start.
   *
   * @throws FileAlreadyExistsException if there is a file of that name
   */
  public Result writeNew(Path file) throws IOException {
    FileClaim claim = FileClaim.take(file);
    try (claim) {
      if (Files.exists(file)) {
        throw new FileAlreadyExistsException(file.toString());
      }
      return begin(file);
    }
  }

  /** Writes the trace from its start, over any file of that name. */
  public Result write(Path file) throws IOException {
    FileClaim claim = FileClaim.take(file);
    try (claim) {
      return begin(file);
    }
  }

  private Result begin(Path file) throws IOException {
    try (TraceWriter writer = new TraceWriter(file, header)) {
      return writeRest(writer, Prompt.domainsInTurns(prompts), 0);
    }
  }

  /**
   * Writes what a cut recording lacks; all of it if there is no such file, nothing if it is
   * complete. Earlier releases recorded the prompts in the order of their file; a recording that is
   * in that order, and not in that of domains in turns, is continued in it.
   *
   * <p>The complete sequences are copied to a file beside it, which takes its name when they are
   * all there; only then is anything new recorded. Whenever this is stopped, the complete sequences
   * are in the file of that name.
   *
   * @throws IllegalArgumentException if the file was recorded with other settings
   */
  public Result resume(Path file) throws IOException {
    FileClaim claim = FileClaim.take(file);
    try (claim) {
      return Files.isRegularFile(file) ? goOn(file.toRealPath()) : begin(file);
    }
  }

  private Result goOn(Path trace) throws IOException {
    boolean empty = TraceReader.isCutWithin(header, trace);
    Found found =
        empty ? new Found(Prompt.domainsInTurns(prompts), false, 0, 0, null) : find(trace);
    if (found.complete) {
      return new Result(found.sequences, found.sequences, found.positions);
    }
    if (found.longest != null) {
      requireRepeatable(found.longest, trace);
    }
    Path copy = ResultFiles.beside(trace, "resuming");
    try (TraceWriter writer = new TraceWriter(copy, header)) {
      if (!empty) {
        copy(trace, writer);
      }
      writer.force();
      Files.move(copy, trace, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return writeRest(
          writer, found.order, found.longest == null ? 0 : source.tokens(found.longest));
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  /**
   * @param spent of the budget
   */
  private Result writeRest(TraceWriter writer, List<Prompt> order, long spent) throws IOException {
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

  private Prompt prompt(List<Prompt> order, long index) {
    return order.get((int) (index / samples));
  }

  private int sample(long index) {
    return (int) (index % samples);
  }

  // ---- what a file holds already

  /**
   * @param order of the prompts
   * @param longest sequence; among the longest one that ended at the length limit, if there is any
   */
  private record Found(
      List<Prompt> order,
      boolean complete,
      long sequences,
      long positions,
      TraceSequence longest) {}

  private Found find(Path trace) throws IOException {
    try (TraceReader reader = new TraceReader(trace)) {
      List<String> differences = reader.header().differences(header);
      if (!differences.isEmpty()) {
        throw new IllegalArgumentException(
            trace.getFileName()
                + " was recorded with "
                + String.join("; ", differences)
                + ", as asked; resume with the settings of the recording");
      }
      Deque<List<Prompt>> orders =
          new ArrayDeque<>(List.of(Prompt.domainsInTurns(prompts), prompts));
      TraceSequence longest = null;
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        keepOrdersOf(sequence, reader.sequences() - 1, trace, orders);
        if (longest == null || lengthRank(sequence) > lengthRank(longest)) {
          longest = sequence;
        }
      }
      if (reader.complete() && reader.sequences() < total()) {
        throw new IllegalArgumentException(
            trace.getFileName()
                + " is complete with "
                + reader.sequences()
                + " sequences, "
                + total()
                + " are asked for; record the others into a trace of their own");
      }
      return new Found(
          orders.getFirst(), reader.complete(), reader.sequences(), reader.positions(), longest);
    }
  }

  private static int lengthRank(TraceSequence sequence) {
    return 2 * sequence.length() + (sequence.finish() == TraceSequence.Finish.LENGTH ? 1 : 0);
  }

  /** Drops the orders that have another sequence at that index; one has to remain. */
  private void keepOrdersOf(
      TraceSequence sequence, long index, Path trace, Deque<List<Prompt>> orders) {
    String found = "'" + sequence.id() + "' sample " + sequence.sample();
    String planned = planned(orders.getFirst(), sequence, index);
    orders.removeIf(order -> !found.equals(planned(order, sequence, index)));
    if (orders.isEmpty()) {
      throw new IllegalArgumentException(
          trace.getFileName()
              + ":"
              + (index + 2)
              + ": the recording has "
              + found
              + " where the prompts and samples asked for have "
              + planned
              + "; resume with those of the recording");
    }
  }

  private String planned(List<Prompt> order, TraceSequence sequence, long index) {
    if (index >= total()) {
      return "no sequence";
    }
    Prompt prompt = prompt(order, index);
    boolean other =
        prompt.id().equals(sequence.id())
            && sample(index) == sequence.sample()
            && !(prompt.domain().equals(sequence.domain())
                && prompt.prompt().equals(sequence.prompt()));
    return "'"
        + prompt.id()
        + "' sample "
        + sample(index)
        + (other ? " with another prompt or domain" : "");
  }

  /**
   * Records the longest sequence once more. The header does not say how many tokens or top logits
   * were asked for, nor on which machine: if the longest sequence comes out the same, the token
   * limit is one under which all the others do too.
   */
  private void requireRepeatable(TraceSequence recorded, Path trace) throws IOException {
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
              + trace.getFileName()
              + " and "
              + difference
              + "; resume with the token limit, logits, threads and machine of the recording");
    }
  }

  private void copy(Path trace, TraceWriter writer) throws IOException {
    try (TraceReader reader = new TraceReader(trace)) {
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        writer.write(sequence);
      }
    }
  }
}
