package redraft.study;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import redraft.replay.SequenceSource;
import redraft.replay.Tally;
import redraft.replay.TraceReplay;
import redraft.replay.TraceReplay.Question;

/**
 * What files of an archive say, added up: the same in any order. Safe for use by several threads at
 * once.
 */
public final class ArchiveParts {
  private final List<Question> questions;
  private final SequenceSource selection;
  private final Map<String, String> broken = new TreeMap<>(); // what is wrong, by file
  private final Map<String, String> cut = new TreeMap<>(); // what is there, by file
  private long sequences;

  /**
   * @param questions whose outcomes go to tallies
   * @param selection of the sequences, which is told what the files hold
   */
  ArchiveParts(List<Question> questions, SequenceSource selection) {
    this.questions = questions;
    this.selection = selection;
  }

  List<Question> questions() {
    return questions;
  }

  /** Sequences that were read. */
  public synchronized long sequences() {
    return sequences;
  }

  /** What is wrong with files that were left out, by their names. */
  synchronized Map<String, String> broken() {
    return new TreeMap<>(broken);
  }

  /** What is there of files that were cut, by their names. */
  synchronized Map<String, String> cut() {
    return new TreeMap<>(cut);
  }

  synchronized void addBroken(String file, String problem) {
    broken.put(file, problem);
  }

  /** Adds a file that the tallies and the selection of this have been told of. */
  synchronized void addFile(String file, TraceReplay.Source read) {
    sequences += read.sequences();
    if (!read.complete()) {
      cut.put(file, read.sequences() + " complete sequences");
    }
  }

  /** Writes what {@link #addFrom} adds. */
  public synchronized void write(DataOutput out) throws IOException {
    for (Question question : questions) {
      ((Tally) question.outcomes()).write(out, question.settings());
    }
    SelectedSequences.write(selection, out);
    out.writeLong(sequences);
    write(out, broken);
    write(out, cut);
  }

  /** Adds what others wrote. */
  public synchronized void addFrom(DataInput in) throws IOException {
    for (Question question : questions) {
      ((Tally) question.outcomes()).addFrom(in, question.settings());
    }
    SelectedSequences.addFrom(selection, in);
    sequences += in.readLong();
    addFrom(in, broken);
    addFrom(in, cut);
  }

  private static void write(DataOutput out, Map<String, String> texts) throws IOException {
    out.writeInt(texts.size());
    for (Map.Entry<String, String> entry : texts.entrySet()) {
      Tally.writeText(out, entry.getKey());
      Tally.writeText(out, entry.getValue());
    }
  }

  private static void addFrom(DataInput in, Map<String, String> texts) throws IOException {
    for (int left = in.readInt(); left > 0; left--) {
      texts.put(Tally.readText(in), Tally.readText(in));
    }
  }
}
