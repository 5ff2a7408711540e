package redraft.trace;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.apache.commons.codec.digest.DigestUtils;
import redraft.json.LineWriter;
import redraft.json.ResultFiles;

/**
 * Writes a trace of version 1 as JSON Lines, compressed when the name ends in {@code .gz}. Every
 * sequence reaches the file before {@link #write} returns. A writer closed without {@link #finish}
 * leaves a trace without a footer, whose complete sequences can be read.
 */
public final class TraceWriter implements Closeable {
  private final LineWriter lines;
  private final MessageDigest digest = DigestUtils.getSha256Digest();
  private final TraceRules rules;
  private long sequences;
  private long positions;

  /**
   * @throws redraft.json.LineException if the header could not be read again
   */
  public TraceWriter(Path file, TraceHeader header) throws IOException {
    rules = new TraceRules(ResultFiles.name(file), header);
    lines = new LineWriter(file);
    try {
      append(HeaderLine.bytes(header));
    } catch (IOException | RuntimeException e) {
      lines.close();
      throw e;
    }
  }

  /**
   * Appends one sequence.
   *
   * @throws redraft.json.LineException if it could not be read again; nothing is written then
   */
  public void write(TraceSequence sequence) throws IOException {
    rules.check(sequence);
    append(line(sequence));
    sequences++;
    positions += sequence.length();
  }

  /** Sequences written so far. */
  public long sequences() {
    return sequences;
  }

  /** Positions written so far. */
  public long positions() {
    return positions;
  }

  /** Writes the footer: the trace is complete. */
  public void finish() throws IOException {
    String sha256 = HexFormat.of().formatHex(digest.digest());
    append(
        LineWriter.line(
            json -> {
              json.writeNumberField("sequences", sequences);
              json.writeNumberField("positions", positions);
              json.writeStringField("sha256", sha256);
            }));
  }

  /** Waits until what was written is on the disk. */
  public void force() throws IOException {
    lines.force();
  }

  private void append(byte[] line) throws IOException {
    digest.update(line);
    lines.write(line);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }

  /** The line of a sequence, its newline included: equal lines are equal sequences. */
  public static byte[] line(TraceSequence sequence) throws IOException {
    return SequenceLine.bytes(sequence);
  }
}
