package redraft.replay;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.function.LongConsumer;
import redraft.replay.LookupDraft.Ngrams;
import redraft.replay.TraceReplay.Question;
import redraft.replay.TraceReplay.Source;
import redraft.trace.ReservedNames;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;

/**
 * Sequences with the header that explains them, one after the other: a trace, or what stands in for
 * one.
 */
public interface SequenceSource extends Closeable {
  /** The name in results: a file's own, without its folder. */
  String name();

  TraceHeader header();

  /** The next sequence, which {@link #next} still returns; null after the last. */
  TraceSequence peek() throws IOException;

  /** The next sequence; null after the last. */
  TraceSequence next() throws IOException;

  /** Sequences returned so far. */
  long sequences();

  /** After the last sequence: whether that was the end, rather than where a recording was cut. */
  boolean complete();

  /** Whether its texts are samples of what a model writes, so that others could have been drawn. */
  default boolean sampled() {
    return true;
  }

  /** Whether its sequences come one after the other; those of many files are read in any order. */
  default boolean ordered() {
    return true;
  }

  /** What a reader should know of what was read, a line each. */
  default List<String> notes() {
    return List.of();
  }

  /** Bytes of its file that have been read, compressed or not; -1 where it has none. */
  default long bytesRead() {
    return -1;
  }

  /** All bytes of its file; -1 where that is not known. */
  default long bytes() {
    return -1;
  }

  /** The domain of all of its sequences; {@link ReservedNames#ALL_DOMAINS} for several. */
  default String domain() {
    return ReservedNames.ALL_DOMAINS;
  }

  /**
   * Answers several questions in one reading of everything that is left.
   *
   * @param progress told from time to time how many sequences have been read
   */
  default Source answer(List<Question> questions, LongConsumer progress) throws IOException {
    return TraceReplay.run(this, questions, sequence -> {}, progress);
  }

  /**
   * The drafts of these names; see {@link ReplayDrafts#of}.
   *
   * @param ngrams of prompt lookup
   */
  default List<ReplayDraft> drafts(List<String> names, Ngrams ngrams) throws IOException {
    return ReplayDrafts.of(this, names, ngrams);
  }
}
