package redraft.trace.archive;

import java.io.IOException;
import java.util.function.LongConsumer;
import redraft.json.LineSource;
import redraft.json.ResultFiles;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceWriter;

/**
 * Shards of a trace: each has its header, and its sequences as they stand there, to the byte.
 *
 * @param positions after which a shard ends
 * @param progress told from time to time how many bytes of the trace have been read
 */
public record TraceSplit(Shards shards, long positions, LongConsumer progress) {
  /**
   * What was written.
   *
   * @param complete whether the trace had its footer
   */
  public record Result(int shards, long sequences, long positions, boolean complete) {}

  /**
   * Writes all shards or none, into a folder that is made where it is missing, in place of those
   * that are there.
   *
   * @throws redraft.json.LineException if the trace breaks the format
   */
  public Result write(LineSource trace) throws IOException {
    Result[] result = new Result[1];
    ResultFiles.writeFolder(
        shards.folder(),
        folder -> {
          result[0] = write(trace, new Shards(folder, shards.name()));
          shards.delete();
        });
    return result[0];
  }

  private Result write(LineSource trace, Shards into) throws IOException {
    try (TraceReader reader = new TraceReader(trace);
        ShardWriter writer =
            new ShardWriter(
                into,
                positions,
                file -> new TraceWriter(file, reader.header(), reader.headerLine()),
                ShardWriter.Written.NOTHING,
                null)) {
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        writer.copy(sequence, reader.line());
        progress.accept(reader.bytesRead());
      }
      writer.finish();
      return new Result(writer.shards(), writer.sequences(), writer.positions(), reader.complete());
    }
  }
}
