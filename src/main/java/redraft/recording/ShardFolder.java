package redraft.recording;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redraft.trace.SequenceWriter;
import redraft.trace.TraceHeader;
import redraft.trace.TraceWriter;
import redraft.trace.archive.ShardWriter;
import redraft.trace.archive.ShardWriter.Begin;
import redraft.trace.archive.ShardWriter.Written;
import redraft.trace.archive.Shards;

/**
 * A recording in shards, which have their names once they are whole.
 *
 * @param positions after which a shard ends
 */
record ShardFolder(Shards shards, long positions) implements RecordingPlace {
  @Override
  public Path path() {
    return shards.folder();
  }

  @Override
  public List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (int number : shards.finished()) {
      if (number != files.size() + 1) {
        throw new IllegalArgumentException(
            shards.file(files.size() + 1)
                + " is missing, and later shards are there; put it back, or record anew with --force");
      }
      files.add(shards.file(number));
    }
    Path open = shards.unfinished(files.size() + 1);
    if (Files.isRegularFile(open)) {
      files.add(open);
    }
    return files;
  }

  @Override
  public boolean lastIsOpen() throws IOException {
    return Files.isRegularFile(shards.unfinished(shards.finished().size() + 1));
  }

  @Override
  public boolean isFull(long held) {
    return held >= positions;
  }

  @Override
  public SequenceWriter begin(TraceHeader header) throws IOException {
    Files.createDirectories(shards.folder());
    shards.delete();
    return new ShardWriter(shards, positions, of(header), Written.NOTHING, null);
  }

  @Override
  public SequenceWriter goOn(TraceHeader header, Written before) throws IOException {
    Path open = shards.unfinished(before.shards() + 1);
    TraceWriter continued =
        Files.isRegularFile(open) ? RecordingPlace.continued(header, open) : null;
    return new ShardWriter(shards, positions, of(header), before, continued);
  }

  private static Begin of(TraceHeader header) {
    return file -> new TraceWriter(file, header);
  }
}
