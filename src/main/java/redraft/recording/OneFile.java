package redraft.recording;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import redraft.trace.SequenceWriter;
import redraft.trace.TraceHeader;
import redraft.trace.TraceWriter;
import redraft.trace.archive.ShardWriter.Written;

/** A recording in one file, which has its name from the start: what is complete can be used. */
record OneFile(Path path) implements RecordingPlace {
  @Override
  public List<Path> files() throws IOException {
    return Files.isRegularFile(path) ? List.of(path.toRealPath()) : List.of();
  }

  @Override
  public boolean lastIsOpen() {
    return true;
  }

  @Override
  public boolean isFull(long positions) {
    return false;
  }

  @Override
  public SequenceWriter begin(TraceHeader header) throws IOException {
    return new TraceWriter(path, header);
  }

  @Override
  public SequenceWriter goOn(TraceHeader header, Written before) throws IOException {
    return RecordingPlace.continued(header, path.toRealPath());
  }
}
