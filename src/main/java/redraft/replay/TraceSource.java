package redraft.replay;

import java.io.IOException;
import java.nio.file.Path;
import redraft.json.ResultFiles;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;

/** The sequences of a trace. */
public final class TraceSource implements SequenceSource {
  private final String name;
  private final TraceReader reader;

  /**
   * @param name in results
   * @param reader closed with this
   */
  public TraceSource(String name, TraceReader reader) {
    this.name = name;
    this.reader = reader;
  }

  /** A trace file, named as it is without its folder. */
  public static TraceSource of(Path file) throws IOException {
    return new TraceSource(ResultFiles.name(file), new TraceReader(file));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public TraceHeader header() {
    return reader.header();
  }

  @Override
  public TraceSequence peek() throws IOException {
    return reader.peek();
  }

  @Override
  public TraceSequence next() throws IOException {
    return reader.next();
  }

  @Override
  public long sequences() {
    return reader.sequences();
  }

  @Override
  public boolean complete() {
    return reader.complete();
  }

  @Override
  public long bytesRead() {
    return reader.bytesRead();
  }

  @Override
  public long bytes() {
    return reader.bytes();
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
