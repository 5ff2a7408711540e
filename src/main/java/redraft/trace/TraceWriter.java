package redraft.trace;

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
public final class TraceWriter implements SequenceWriter {
  private final LineWriter lines;
  private final MessageDigest digest = DigestUtils.getSha256Digest();
  private final TraceRules rules;
  private long sequences;
  private long positions;

  /**
   * @throws redraft.json.LineException if the header could not be read again
   */
  public TraceWriter(Path file, TraceHeader header) throws IOException {
    this(file, header, HeaderLine.bytes(header));
  }

  /**
   * Begins with a header that is copied as it is.
   *
   * @param line of the header, its newline included
   * @throws redraft.json.LineException if the header could not be read again
   */
  public TraceWriter(Path file, TraceHeader header, byte[] line) throws IOException {
    rules = new TraceRules(ResultFiles.name(file), header);
    lines = new LineWriter(file);
    try {
      append(line);
    } catch (IOException | RuntimeException e) {
      lines.close();
      throw e;
    }
  }

  @Override
  public void write(TraceSequence sequence) throws IOException {
    rules.check(sequence);
    append(sequence, line(sequence));
  }

  @Override
  public void copy(TraceSequence sequence, byte[] line) throws IOException {
    rules.check(sequence);
    append(sequence, line);
  }

  private void append(TraceSequence sequence, byte[] line) throws IOException {
    append(line);
    sequences++;
    positions += sequence.length();
  }

  @Override
  public long sequences() {
    return sequences;
  }

  @Override
  public long positions() {
    return positions;
  }

  /** Writes the footer: the trace is complete. */
  @Override
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

  @Override
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
