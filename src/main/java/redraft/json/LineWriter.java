package redraft.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPOutputStream;

/** A file of JSON Lines, compressed by gzip where its name ends in {@code .gz}. */
public final class LineWriter implements Closeable {
  // Shortest digits that give the number back, the same on every Java version.
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  private final Path file;
  private final FileChannel channel;
  private final OutputStream out;

  /** Writes the fields of an object. */
  public interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  /**
   * Begins the file, in place of one of that name.
   *
   * @throws IllegalArgumentException if the name asks for a compression that is only read
   */
  public LineWriter(Path file) throws IOException {
    String name = ResultFiles.name(file);
    if (name.endsWith(".zst")) {
      throw new IllegalArgumentException(
          "files that end in .zst are only read; let the name end in .gz, or in neither");
    }
    this.file = file;
    channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try {
      OutputStream raw = Channels.newOutputStream(channel);
      out = name.endsWith(".gz") ? new GZIPOutputStream(raw, 1 << 16, true) : raw;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** One object and a newline, UTF-8. */
  public static byte[] line(Body body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 12);
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      json.writeStartObject();
      body.write(json);
      json.writeEndObject();
      json.writeRaw('\n');
    }
    return bytes.toByteArray();
  }

  /** Appends a {@link #line}, which is in the file when this returns. */
  public void write(byte[] line) throws IOException {
    try {
      out.write(line);
      out.flush();
    } catch (IOException e) {
      throw ResultFiles.named(file, e);
    }
  }

  /** Waits until what was written is on the disk. */
  public void force() throws IOException {
    try {
      channel.force(true);
    } catch (IOException e) {
      throw ResultFiles.named(file, e);
    }
  }

  @Override
  public void close() throws IOException {
    try (channel) { // also when the compression cannot be ended
      out.close();
    } catch (IOException e) {
      throw ResultFiles.named(file, e);
    }
  }
}
