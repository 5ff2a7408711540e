package redraft.trace.archive;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import redraft.json.LineSource;
import redraft.json.LineWriter;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceReader;
import redraft.trace.TraceSummary;

/**
 * What an index says of a file of an archive.
 *
 * @param path relative to the archive, with slashes
 */
public record IndexEntry(String path, Holds holds, Bytes bytes) {
  private static final int BLOCK = 1 << 16;

  /**
   * What the trace holds.
   *
   * @param domains by name
   * @param drafts in the order of the header
   * @param grade as in the header
   */
  public record Holds(
      long sequences,
      long positions,
      List<String> domains,
      List<String> drafts,
      String grade,
      boolean complete) {}

  /**
   * The file itself.
   *
   * @param sha256 of its bytes as they are, compressed or not, in lower-case hex
   */
  public record Bytes(long size, String sha256) {}

  /**
   * Reads a whole file, and checks all of it.
   *
   * @param trace whose name is the path
   * @param called as messages call it
   * @throws redraft.json.LineException if it breaks the format; a trace that was cut does not
   */
  public static IndexEntry of(NamedTrace trace, String called) throws IOException {
    MessageDigest digest = DigestUtils.getSha256Digest();
    Path file = trace.file();
    if (Files.isDirectory(file)) {
      throw new IOException(file + " is a directory, not a file");
    }
    try (InputStream bytes = new DigestInputStream(Files.newInputStream(file), digest);
        TraceReader reader = new TraceReader(LineSource.ofStream(called, bytes))) {
      TraceSummary.Counter counter = new TraceSummary.Counter();
      while (reader.peek() != null) {
        counter.add(reader.next());
      }
      for (byte[] rest = new byte[BLOCK]; bytes.read(rest) > 0; ) {} // what readers pass over
      TraceSummary summary = counter.summary(reader);
      return new IndexEntry(
          trace.name(),
          new Holds(
              summary.sequences(),
              summary.positions(),
              List.copyOf(summary.domains().keySet()),
              summary.header().drafts().stream().map(DraftInfo::name).toList(),
              summary.header().grade().word(),
              summary.complete()),
          new Bytes(Files.size(file), HexFormat.of().formatHex(digest.digest())));
    }
  }

  /** The line of an index, its newline included. */
  byte[] line() throws IOException {
    return LineWriter.line(
        json -> {
          json.writeStringField("path", path);
          json.writeNumberField("sequences", holds.sequences);
          json.writeNumberField("positions", holds.positions);
          writeTexts(json, "domains", holds.domains);
          writeTexts(json, "drafts", holds.drafts);
          json.writeStringField("grade", holds.grade);
          json.writeNumberField("bytes", bytes.size);
          json.writeStringField("sha256", bytes.sha256);
          json.writeBooleanField("complete", holds.complete);
        });
  }

  private static void writeTexts(JsonGenerator json, String field, List<String> texts)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }
}
