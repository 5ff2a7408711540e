package redraft.study;

import java.io.IOException;
import java.util.List;
import redraft.replay.LookupDraft.Ngrams;
import redraft.replay.ReplayDraft;
import redraft.replay.SequenceSource;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;

/** Some of the sequences of a source. */
abstract class SelectedSequences implements SequenceSource {
  private final SequenceSource all;
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

  @Override
  public TraceSequence peek() throws IOException {
    while (peeked == null && !ended) {
      TraceSequence next = all.next();
      if (next == null) {
        ended = true;
        end(sequences);
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
