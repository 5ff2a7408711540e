package redraft.json;

import java.io.IOException;
import java.io.InputStream;

/**
 * The bytes of a source, buffered and counted. {@link #available} is 0 at the end only: by it
 * decompressors tell whether more members or frames follow, which a pipe may not have brought yet.
 */
final class RawInput extends InputStream {
  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private int position;
  private int filled;
  private long count;

  RawInput(InputStream in) {
    this.in = in;
  }

  /** Bytes taken from the source so far. */
  long count() {
    return count;
  }

  /** The next bytes, which stay where they are; fewer where the source ends. */
  byte[] peek(int length) throws IOException {
    while (filled - position < length && fill()) {}
    byte[] bytes = new byte[Math.min(length, filled - position)];
    System.arraycopy(buffer, position, bytes, 0, bytes.length);
    return bytes;
  }

  private boolean fill() throws IOException {
    if (position == filled) {
      position = 0;
      filled = 0;
    }
    int read = in.read(buffer, filled, buffer.length - filled);
    filled += Math.max(0, read);
    count += Math.max(0, read);
    return read > 0;
  }

  @Override
  public int available() throws IOException {
    return position < filled || fill() ? filled - position : 0;
  }

  @Override
  public int read() throws IOException {
    return available() == 0 ? -1 : buffer[position++] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int copied = Math.min(length, available());
    System.arraycopy(buffer, position, bytes, offset, copied);
    position += copied;
    return copied == 0 && length > 0 ? -1 : copied;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
