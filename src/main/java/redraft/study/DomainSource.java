package redraft.study;

import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import redraft.replay.LookupDraft.Ngrams;
import redraft.replay.ReplayDraft;
import redraft.replay.SequenceSource;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;

/** The sequences of one domain. */
final class DomainSource implements SequenceSource {
  private final SequenceSource all;
  private final String domain;
  private final TreeSet<String> others = new TreeSet<>();
  private TraceSequence peeked;
  private long sequences;

  DomainSource(SequenceSource all, String domain) {
    this.all = all;
    this.domain = domain;
  }

  @Override
  public String name() {
    return all.name();
  }

  @Override
  public String domain() {
    return domain;
  }

  @Override
  public TraceHeader header() {
    return all.header();
  }

  @Override
  public TraceSequence peek() throws IOException {
    while (peeked == null && (peeked = all.next()) != null && !peeked.domain().equals(domain)) {
      others.add(peeked.domain());
      peeked = null;
    }
    if (peeked == null && sequences == 0 && !others.isEmpty()) {
      throw new IllegalArgumentException(
          name() + " has no domain '" + domain + "'; it has " + String.join(", ", others));
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
  public boolean complete() {
    return all.complete();
  }

  @Override
  public boolean sampled() {
    return all.sampled();
  }

  @Override
  public List<ReplayDraft> drafts(List<String> names, Ngrams ngrams) throws IOException {
    peek(); // of the sequences that are there
    return all.drafts(names, ngrams);
  }

  @Override
  public void close() throws IOException {
    all.close();
  }
}
