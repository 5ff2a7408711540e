package redraft.recording;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import redraft.json.ResultFiles;
import redraft.trace.SequenceWriter;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceWriter;
import redraft.trace.archive.ShardWriter.Written;
import redraft.trace.archive.Shards;

/** Where a recording goes: one file, or the shards of a folder. */
public sealed interface RecordingPlace permits OneFile, ShardFolder {
  static RecordingPlace file(Path trace) {
    return new OneFile(trace);
  }

  /**
   * @param positions after which a shard ends
   */
  static RecordingPlace shards(Shards shards, long positions) {
    return new ShardFolder(shards, positions);
  }

  /** What one writer at a time has. */
  Path path();

  /** The traces that are there, in the order in which they were written. */
  List<Path> files() throws IOException;

  /** Whether the last of those may lack something that it is to have. */
  boolean lastIsOpen() throws IOException;

  /** Whether a trace of so many positions gets no other prompt. */
  boolean isFull(long positions);

  /** Writes from the start, in place of what is there. */
  SequenceWriter begin(TraceHeader header) throws IOException;

  /**
   * Writes what follows the complete sequences that are there.
   *
   * @param before what the traces hold that lack nothing
   */
  SequenceWriter goOn(TraceHeader header, Written before) throws IOException;

  /**
   * A writer at the end of the complete sequences of a trace that was cut. They are copied to a
   * file beside it, which takes its name when they are all there.
   */
  static TraceWriter continued(TraceHeader header, Path trace) throws IOException {
    Path copy = ResultFiles.beside(trace, "resuming");
    TraceWriter writer = new TraceWriter(copy, header);
    try {
      if (!TraceReader.isCutWithin(header, trace)) {
        copy(trace, writer);
      }
      writer.force();
      Files.move(copy, trace, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return writer;
    } catch (IOException | RuntimeException e) {
      writer.close();
      throw e;
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  private static void copy(Path trace, TraceWriter writer) throws IOException {
    try (TraceReader reader = new TraceReader(trace)) {
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        writer.write(sequence);
      }
    }
  }
}
