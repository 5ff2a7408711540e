package redraft.trace;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.json.LineSource;

/**
 * Reads a trace of version 1, one sequence at a time, in memory that does not grow with the file.
 * Every value is checked; fields that version 1 does not name are passed over.
 */
public final class TraceReader implements Closeable {
  private static final Set<String> FOOTER_FIELDS = Set.of("sequences", "positions", "sha256");

  private final LineReader lines;
  private final MessageDigest digest = DigestUtils.getSha256Digest();
  private final TraceHeader header;
  private final byte[] headerLine;
  private final TraceRules rules;
  private final long bytes;

  private long sequencesRead; // the one that peek saw included
  private long positionsRead;
  private long sequences;
  private long positions;
  private TraceSequence peeked; // null where there is none
  private boolean finished;
  private boolean complete;

  /**
   * Opens a trace and reads its header.
   *
   * @throws redraft.json.LineException if the file is not a trace of version 1
   */
  public TraceReader(Path file) throws IOException {
    this(LineSource.of(file));
  }

  /**
   * Opens a trace and reads its header.
   *
   * @throws redraft.json.LineException if the source is not a trace of version 1
   */
  public TraceReader(LineSource source) throws IOException {
    lines = new LineReader(source, true);
    bytes = source.bytes();
    try {
      if (!lines.advance()) {
        throw lines.error("no header: the file is empty");
      }
      if (!lines.ended()) {
        throw lines.error("no header: the file ends within its first line");
      }
      header = HeaderLine.parse(lines);
      headerLine = line();
      rules = new TraceRules(source.name(), header);
      lines.digest(digest);
    } catch (IOException | RuntimeException e) {
      lines.close();
      throw e;
    }
  }

  /**
   * Whether a file ends within the given header: a recording that was cut before its first line was
   * written out.
   */
  public static boolean isCutWithin(TraceHeader header, Path file) throws IOException {
    try (LineReader lines = new LineReader(LineSource.of(file), true)) {
      if (!lines.advance()) {
        return true;
      }
      byte[] whole = HeaderLine.bytes(header);
      byte[] part = lines.bytes();
      return !lines.ended()
          && part.length < whole.length
          && Arrays.equals(part, Arrays.copyOf(whole, part.length));
    }
  }

  public TraceHeader header() {
    return header;
  }

  /** The header as it is in the file, its newline included. */
  public byte[] headerLine() {
    return headerLine.clone();
  }

  /**
   * The sequence that {@link #next} or {@link #peek} gave last as it is in the file, its newline
   * included: with every digit, and with fields that version 1 does not name.
   */
  public byte[] line() {
    byte[] bytes = lines.bytes();
    byte[] line = Arrays.copyOf(bytes, bytes.length + 1);
    line[bytes.length] = '\n';
    return line;
  }

  /** The number in the file of the line that was read last, from 1 on. */
  public long lineNumber() {
    return lines.lineNumber();
  }

  /** Sequences that {@link #next} has given so far. */
  public long sequences() {
    return sequences;
  }

  /** Positions of those sequences: their generated tokens. */
  public long positions() {
    return positions;
  }

  /** The size of the file, compressed or not; -1 where there is none. */
  public long bytes() {
    return bytes;
  }

  /** Bytes taken from the file so far; after the last sequence its size, compressed or not. */
  public long bytesRead() {
    return lines.bytesRead();
  }

  /**
   * Whether the whole of the file was there, down to its footer. False after the last sequence
   * means that the recording was cut.
   */
  public boolean complete() {
    return complete;
  }

  /**
   * The next sequence, or null after the last complete one.
   *
   * @throws redraft.json.LineException if a complete line breaks the format, or the footer does not
   *     match the file
   */
  public TraceSequence next() throws IOException {
    TraceSequence next = peek();
    if (next != null) {
      peeked = null;
      sequences++;
      positions += next.length();
    }
    return next;
  }

  /**
   * What {@link #next} will give, without moving past it.
   *
   * @throws redraft.json.LineException as {@link #next} does
   */
  public TraceSequence peek() throws IOException {
    if (peeked == null) {
      peeked = read();
    }
    return peeked;
  }

  private TraceSequence read() throws IOException {
    if (finished || !lines.advance() || !lines.ended()) { // a last line without its newline is cut
      finished = true;
      return null;
    }
    String first = lines.firstField();
    if (first != null && FOOTER_FIELDS.contains(first)) {
      finished = true;
      lines.parse(this::checkFooter);
      if (lines.advance()) {
        throw lines.error("text after the footer");
      }
      complete = !lines.cut();
      return null;
    }
    TraceSequence sequence = SequenceLine.parse(lines);
    rules.check(sequence);
    lines.digest(digest);
    sequencesRead++;
    positionsRead += sequence.length();
    return sequence;
  }

  private Void checkFooter() throws IOException {
    String actual = HexFormat.of().formatHex(digest.digest());
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "sequences" -> requireCount(field, lines.wholeNumber(), sequencesRead);
        case "positions" -> requireCount(field, lines.wholeNumber(), positionsRead);
        case "sha256" -> {
          if (!lines.string().equals(actual)) {
            throw lines.error(
                "\"sha256\" is not that of the lines above, "
                    + actual
                    + ": the file was changed after it was written");
          }
        }
        default -> lines.skip();
      }
    }
    fields.require("sequences", "positions", "sha256");
    return null;
  }

  private void requireCount(String field, long stated, long counted) {
    if (stated != counted) {
      throw lines.error("\"" + field + "\" is " + stated + ", the lines above hold " + counted);
    }
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
