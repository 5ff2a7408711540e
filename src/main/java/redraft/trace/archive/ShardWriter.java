package redraft.trace.archive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import redraft.trace.SequenceWriter;
import redraft.trace.TraceSequence;
import redraft.trace.TraceWriter;

/**
 * Writes shards, each of which takes its name once it is whole. A shard ends with the prompt that
 * brings it to so many positions; the samples of a prompt stay together.
 */
public final class ShardWriter implements SequenceWriter {
  /** Begins a trace. */
  public interface Begin {
    TraceWriter begin(Path file) throws IOException;
  }

  /**
   * What is there already.
   *
   * @param shards finished
   * @param sequences of those
   * @param positions of those
   * @param lastId of the sequences, also of the unfinished one; null where there are none
   */
  public record Written(int shards, long sequences, long positions, String lastId) {
    public static final Written NOTHING = new Written(0, 0, 0, null);
  }

  private final Shards shards;
  private final long most; // positions after which a shard ends
  private final Begin begin;
  private int finished; // shards
  private long sequences; // of those
  private long positions; // of those
  private String lastId;
  private TraceWriter shard; // null where none is begun

  /**
   * @param most positions after which a shard ends
   * @param written before
   * @param shard the unfinished one; null where there is none
   */
  public ShardWriter(Shards shards, long most, Begin begin, Written written, TraceWriter shard) {
    this.shards = shards;
    this.most = most;
    this.begin = begin;
    finished = written.shards;
    sequences = written.sequences;
    positions = written.positions;
    lastId = written.lastId;
    this.shard = shard;
  }

  @Override
  public void write(TraceSequence sequence) throws IOException {
    shardOf(sequence).write(sequence);
  }

  @Override
  public void copy(TraceSequence sequence, byte[] line) throws IOException {
    shardOf(sequence).copy(sequence, line);
  }

  private TraceWriter shardOf(TraceSequence sequence) throws IOException {
    if (shard != null && shard.positions() >= most && !sequence.id().equals(lastId)) {
      endShard();
    }
    if (shard == null) {
      shard = begin.begin(shards.unfinished(finished + 1));
    }
    lastId = sequence.id();
    return shard;
  }

  private void endShard() throws IOException {
    shard.finish();
    shard.force();
    shard.close();
    sequences += shard.sequences();
    positions += shard.positions();
    shard = null;
    finished++;
    Files.move(shards.unfinished(finished), shards.file(finished), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Shards that are finished. */
  public int shards() {
    return finished;
  }

  @Override
  public long sequences() {
    return sequences + (shard == null ? 0 : shard.sequences());
  }

  @Override
  public long positions() {
    return positions + (shard == null ? 0 : shard.positions());
  }

  /** Finishes the last shard. */
  @Override
  public void finish() throws IOException {
    if (shard == null && finished == 0) {
      shard = begin.begin(shards.unfinished(1)); // a recording without sequences is one too
    }
    if (shard != null) {
      endShard();
    }
  }

  @Override
  public void force() throws IOException {
    if (shard != null) {
      shard.force();
    }
  }

  @Override
  public void close() throws IOException {
    if (shard != null) {
      shard.close();
    }
  }
}
