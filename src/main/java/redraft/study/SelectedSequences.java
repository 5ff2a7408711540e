package redraft.study;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import redraft.replay.LookupDraft.Ngrams;
import redraft.replay.ReplayDraft;
import redraft.replay.SequenceSource;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;

/** Some of the sequences of a source, which may be one file of many. */
abstract class SelectedSequences implements SequenceSource {
  private final SequenceSource all;
  private boolean part;
  private TraceSequence peeked;
  private boolean ended;
  private long sequences;

  SelectedSequences(SequenceSource all) {
    this.all = all;
  }

  abstract boolean selects(TraceSequence sequence);

  /**
   * Told once when all have been seen.
   *
   * @param sequences that were selected
   * @throws IllegalArgumentException if there should have been some
   */
  abstract void end(long sequences);

  /** Writes what is known of those that were not selected. */
  void writeOthers(DataOutput out) throws IOException {}

  /** Adds what another wrote of its own. */
  void addOthers(DataInput in) throws IOException {}

  /**
   * Takes a source for one file of many, of which no selection is told that it ended.
   *
   * @return the source
   */
  static SequenceSource ofPart(SequenceSource source) {
    for (SequenceSource at = source; at instanceof SelectedSequences some; at = some.all) {
      some.part = true;
    }
    return source;
  }

  /** Writes what the selections of a part have seen. */
  static void write(SequenceSource source, DataOutput out) throws IOException {
    for (SequenceSource at = source; at instanceof SelectedSequences some; at = some.all) {
      out.writeLong(some.sequences);
      some.writeOthers(out);
    }
  }

  /** Adds what a part wrote whose selections are alike. */
  static void addFrom(SequenceSource source, DataInput in) throws IOException {
    for (SequenceSource at = source; at instanceof SelectedSequences some; at = some.all) {
      some.sequences += in.readLong();
      some.addOthers(in);
    }
  }

  /** Tells selections to which all parts were added that these are all, the innermost first. */
  static void end(SequenceSource source) {
    if (source instanceof SelectedSequences some) {
      end(some.all);
      some.end(some.sequences);
    }
  }

  @Override
  public TraceSequence peek() throws IOException {
    while (peeked == null && !ended) {
      TraceSequence next = all.next();
      if (next == null) {
        ended = true;
        if (!part) {
          end(sequences);
        }
      } else if (selects(next)) {
        peeked = next;
      }
    }
    return peeked;
  }

  @Override
  public TraceSequence next() throws IOException {
    TraceSequence next = peek();
    peeked = null;
    sequences += next == null ? 0 : 1;
    return next;
  }

  @Override
  public long sequences() {
    return sequences;
  }

  @Override
  public String name() {
    return all.name();
  }

  @Override
  public String domain() {
    return all.domain();
  }

  @Override
  public TraceHeader header() {
    return all.header();
  }

  @Override
  public List<String> notes() {
    return all.notes();
  }

  @Override
  public long bytesRead() {
    return all.bytesRead();
  }

  @Override
  public long bytes() {
    return all.bytes();
  }

  @Override
  public boolean ordered() {
    return !part && all.ordered();
  }

  @Override
  public boolean complete() {
    return all.complete();
  }

  @Override
  public boolean sampled() {
    return all.sampled();
  }

  @Override
  public List<ReplayDraft> drafts(List<String> names, Ngrams ngrams) throws IOException {
    return all.drafts(names, ngrams);
  }

  @Override
  public void close() throws IOException {
    all.close();
  }
}
