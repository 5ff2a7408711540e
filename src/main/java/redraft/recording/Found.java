package redraft.recording;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import redraft.trace.Prompt;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.trace.archive.ShardWriter.Written;

/**
 * What of a recording is there already.
 *
 * @param order of the prompts
 * @param complete whether nothing is missing
 * @param before what the traces hold that lack nothing
 * @param longest sequence; among the longest one that ended at the length limit, if there is any;
 *     null where there is none
 */
record Found(
    List<Prompt> order,
    boolean complete,
    long sequences,
    long positions,
    Written before,
    TraceSequence longest) {

  /**
   * Reads all that is there.
   *
   * @throws IllegalArgumentException if it was recorded with other settings
   */
  static Found in(RecordingPlace place, Recording recording) throws IOException {
    return new Search(place, recording).search();
  }

  private static final class Search {
    private final RecordingPlace place;
    private final Recording recording;
    private final Deque<List<Prompt>> orders;
    private long sequences;
    private long positions;
    private String lastId;
    private TraceSequence longest;

    Search(RecordingPlace place, Recording recording) {
      this.place = place;
      this.recording = recording;
      orders =
          new ArrayDeque<>(
              List.of(Prompt.domainsInTurns(recording.prompts()), recording.prompts()));
    }

    Found search() throws IOException {
      List<Path> files = place.files();
      Written before = Written.NOTHING;
      boolean complete = false;
      for (int i = 0; i < files.size(); i++) {
        boolean last = i == files.size() - 1;
        boolean open = last && place.lastIsOpen();
        if (open && TraceReader.isCutWithin(recording.header(), files.get(i))) {
          complete = false;
          continue;
        }
        complete = read(files.get(i), last);
        if (!open) {
          requireWhole(files.get(i), complete);
          before = new Written(i + 1, sequences, positions, lastId);
        }
      }
      boolean all = complete && sequences >= recording.total();
      return new Found(
          orders.getFirst(),
          all,
          sequences,
          positions,
          new Written(before.shards(), before.sequences(), before.positions(), lastId),
          longest);
    }

    /** Whether the trace has its footer. */
    private boolean read(Path trace, boolean last) throws IOException {
      try (TraceReader reader = new TraceReader(trace)) {
        List<String> differences = reader.header().differences(recording.header());
        if (!differences.isEmpty()) {
          throw new IllegalArgumentException(
              trace.getFileName()
                  + " was recorded with "
                  + String.join("; ", differences)
                  + ", as asked; resume with the settings of the recording");
        }
        long held = 0; // positions
        for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
          keepOrdersOf(sequence, reader.lineNumber(), trace);
          if (place.isFull(held) && !sequence.id().equals(lastId)) {
            throw otherShards(trace, held, "more");
          }
          sequences++;
          held += sequence.length();
          lastId = sequence.id();
          if (longest == null || lengthRank(sequence) > lengthRank(longest)) {
            longest = sequence;
          }
        }
        positions += held;
        boolean full = place.isFull(held);
        if (reader.complete() && !full && sequences < recording.total()) {
          if (!last) {
            throw otherShards(trace, held, "no more");
          }
          throw new IllegalArgumentException(
              trace.getFileName()
                  + " is complete with "
                  + reader.sequences()
                  + " sequences, "
                  + (recording.total() - sequences + reader.sequences())
                  + " are asked for; record the others into a trace of their own");
        }
        return reader.complete();
      }
    }

    private static IllegalArgumentException otherShards(Path trace, long positions, String more) {
      return new IllegalArgumentException(
          trace.getFileName()
              + " has "
              + positions
              + " positions and "
              + more
              + " prompts, which other --shards made; resume with those of the recording");
    }

    private static void requireWhole(Path trace, boolean complete) {
      if (!complete) {
        throw new IllegalArgumentException(
            trace
                + " was cut, and is a finished shard; put the whole of it back, or record anew with --force");
      }
    }

    private static int lengthRank(TraceSequence sequence) {
      return 2 * sequence.length() + (sequence.finish() == TraceSequence.Finish.LENGTH ? 1 : 0);
    }

    /** Drops the orders that have another sequence at that index; one has to remain. */
    private void keepOrdersOf(TraceSequence sequence, long line, Path trace) {
      long index = sequences;
      String found = "'" + sequence.id() + "' sample " + sequence.sample();
      String planned = planned(orders.getFirst(), sequence, index);
      orders.removeIf(order -> !found.equals(planned(order, sequence, index)));
      if (orders.isEmpty()) {
        throw new IllegalArgumentException(
            trace.getFileName()
                + ":"
                + line
                + ": the recording has "
                + found
                + " where the prompts and samples asked for have "
                + planned
                + "; resume with those of the recording");
      }
    }

    private String planned(List<Prompt> order, TraceSequence sequence, long index) {
      if (index >= recording.total()) {
        return "no sequence";
      }
      Prompt prompt = recording.prompt(order, index);
      boolean other =
          prompt.id().equals(sequence.id())
              && recording.sample(index) == sequence.sample()
              && !(prompt.domain().equals(sequence.domain())
                  && prompt.prompt().equals(sequence.prompt()));
      return "'"
          + prompt.id()
          + "' sample "
          + recording.sample(index)
          + (other ? " with another prompt or domain" : "");
    }
  }
}
