package redraft.trace.importing;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.ZipException;
import redraft.json.LineSource;

/**
 * The bytes of a file, numbers in little-endian order. What is wrong is an {@link
 * IllegalArgumentException} that names the file.
 */
final class BinaryInput implements Closeable {
  private static final int MOST_AT_ONCE = 1 << 30; // bytes

  private final LineSource source;
  private InputStream in;
  private long position;

  BinaryInput(LineSource source) throws IOException {
    this.source = source;
    in = source.decompressed();
  }

  /** A part of a file that was read already. */
  BinaryInput(LineSource source, ByteBuffer part) {
    this.source = source;
    in = new ByteArrayInputStream(part.array());
  }

  /** Bytes, as many as are asked for; no more memory than the file has of them is taken. */
  ByteBuffer bytes(long count, String what) throws IOException {
    if (count > MOST_AT_ONCE) {
      throw error(
          what
              + " would take "
              + count
              + " bytes, more than the "
              + MOST_AT_ONCE
              + " that are read");
    }
    byte[] bytes = whole(() -> in.readNBytes((int) count));
    if (bytes.length < count) {
      throw cut(what, count, bytes.length);
    }
    position += count;
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Fills a buffer, which is ready to be read then. */
  void fill(ByteBuffer buffer, String what) throws IOException {
    int count = whole(() -> in.readNBytes(buffer.array(), 0, buffer.capacity()));
    if (count < buffer.capacity()) {
      throw cut(what, buffer.capacity(), count);
    }
    position += count;
    buffer.clear();
  }

  private IllegalArgumentException cut(String what, long wanted, long there) {
    return error(
        "the file ends after "
            + (position + there)
            + " bytes, within "
            + what
            + ", which takes "
            + wanted
            + " bytes from byte "
            + position
            + " on; copy it again");
  }

  /** Goes to a byte, which is cheap unless it is behind. */
  void goTo(long byteOffset, String what) throws IOException {
    if (byteOffset < position) {
      in.close();
      in = source.decompressed();
      position = 0;
    }
    byte[] passed = new byte[1 << 16];
    while (position < byteOffset) {
      int most = (int) Math.min(passed.length, byteOffset - position);
      int count = whole(() -> in.read(passed, 0, most));
      if (count == -1) {
        throw cut(what, byteOffset - position, 0);
      }
      position += count;
    }
  }

  /**
   * @throws IllegalArgumentException if there is more
   */
  void requireEnd() throws IOException {
    if (whole(in::read) != -1) {
      throw error("there is more after byte " + position + ", where the file should end");
    }
  }

  private interface Reading<T> {
    T read() throws IOException;
  }

  private <T> T whole(Reading<T> reading) throws IOException {
    try {
      return reading.read();
    } catch (ZipException e) {
      throw error("the compressed data is damaged: " + e.getMessage());
    }
  }

  IllegalArgumentException error(String problem) {
    return new IllegalArgumentException(source.name() + ": " + problem);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
