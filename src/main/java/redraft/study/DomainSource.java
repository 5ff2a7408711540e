package redraft.study;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import redraft.replay.LookupDraft.Ngrams;
import redraft.replay.ReplayDraft;
import redraft.replay.SequenceSource;
import redraft.replay.Tally;
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
  void writeOthers(DataOutput out) throws IOException {
    out.writeInt(others.size());
    for (String other : others) {
      Tally.writeText(out, other);
    }
  }

  @Override
  void addOthers(DataInput in) throws IOException {
    for (int left = in.readInt(); left > 0; left--) {
      others.add(Tally.readText(in));
    }
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
