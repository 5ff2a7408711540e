package redraft.study;

import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import redraft.replay.LookupDraft.Ngrams;
import redraft.replay.ReplayDraft;
import redraft.replay.SequenceSource;
import redraft.trace.TraceSequence;

/** The sequences of one domain. */
final class DomainSource extends SelectedSequences {
  private final String domain;
  private final TreeSet<String> others = new TreeSet<>();

  DomainSource(SequenceSource all, String domain) {
    super(all);
    this.domain = domain;
  }

  @Override
  boolean selects(TraceSequence sequence) {
    if (sequence.domain().equals(domain)) {
      return true;
    }
    others.add(sequence.domain());
    return false;
  }

  @Override
  void end(long sequences) {
    if (sequences == 0 && !others.isEmpty()) {
      throw new IllegalArgumentException(
          name() + " has no domain '" + domain + "'; it has " + String.join(", ", others));
    }
  }

  @Override
  public String domain() {
    return domain;
  }

  @Override
  public List<ReplayDraft> drafts(List<String> names, Ngrams ngrams) throws IOException {
    peek(); // of the sequences that are there
    return super.drafts(names, ngrams);
  }
}
