package redraft.json;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Decompresses gzip (RFC 1952), member after member. Unlike {@link java.util.zip.GZIPInputStream}
 * it refuses what follows them and is no member, and does not read the zeros at the end of a cut
 * file as compressed data.
 *
 * <p>Reading throws {@link EOFException} where the source ends within a member, {@link
 * ZipException} where it is damaged.
 */
final class GzipInput extends InputStream {
  private static final int HEADER_CHECKSUM = 1 << 1;
  private static final int EXTRA = 1 << 2;
  private static final int NAME = 1 << 3;
  private static final int COMMENT = 1 << 4;

  private final RawInput raw;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 checksum = new CRC32();
  private final byte[] buffer = new byte[1 << 16];
  private int position;
  private int filled;
  private boolean within; // a member

  GzipInput(RawInput raw) {
    this.raw = raw;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) == -1 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    while (within || begin()) {
      int count = inflate(bytes, offset, length);
      if (count > 0) {
        checksum.update(bytes, offset, count);
        return count;
      }
      end();
    }
    return -1;
  }

  /** Reads a header; false where the source has ended. */
  private boolean begin() throws IOException {
    if (position == filled && !fill()) {
      return false;
    }
    if (next() != 0x1F || next() != 0x8B) {
      throw new ZipException("what follows its end is not compressed by gzip");
    }
    int method = next();
    if (method != 8) {
      throw new ZipException("compression method " + method + " is not deflate");
    }
    int flags = next();
    skip(6); // time, level and system
    if ((flags & EXTRA) != 0) {
      skip(next() | next() << 8);
    }
    for (int text : new int[] {NAME, COMMENT}) {
      while ((flags & text) != 0 && next() != 0) {}
    }
    skip((flags & HEADER_CHECKSUM) != 0 ? 2 : 0);
    inflater.reset();
    inflater.setInput(buffer, position, filled - position);
    checksum.reset();
    within = true;
    return true;
  }

  /** Decompresses at least one byte; 0 at the end of the member. */
  private int inflate(byte[] bytes, int offset, int length) throws IOException {
    try {
      int count;
      while ((count = inflater.inflate(bytes, offset, length)) == 0 && !inflater.finished()) {
        if (inflater.needsDictionary()) {
          throw new ZipException("it needs a dictionary");
        }
        if (fill()) {
          inflater.setInput(buffer, 0, filled);
        } else if (!endsInZeros()) {
          throw new EOFException();
        }
      }
      position = filled - inflater.getRemaining();
      return count;
    } catch (DataFormatException e) {
      throw new ZipException(e.getMessage());
    }
  }

  /**
   * Whether the member is empty and lacks nothing but zeros: its last byte is one then, as its
   * checksum and size are. bgzip ends files in such a member; any other ends in its size.
   */
  private boolean endsInZeros() {
    if (inflater.getBytesWritten() > 0 || !raw.takeZero()) {
      return false;
    }
    try {
      inflater.setInput(new byte[1]);
      return inflater.inflate(new byte[1]) == 0 && inflater.finished();
    } catch (DataFormatException e) {
      return false;
    }
  }

  /** Reads what stands behind the compressed data. */
  private void end() throws IOException {
    if (nextInt() != (int) checksum.getValue() || nextInt() != (int) inflater.getBytesWritten()) {
      throw new ZipException("it does not match its checksum");
    }
    within = false;
  }

  /** Little-endian; its last zeros may be those that the source held back. */
  private int nextInt() throws IOException {
    int value = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      boolean zero = position == filled && !fill() && raw.takeZero();
      value |= (zero ? 0 : next()) << shift;
    }
    return value;
  }

  private int next() throws IOException {
    if (position == filled && !fill()) {
      throw new EOFException();
    }
    return buffer[position++] & 0xFF;
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      next();
    }
  }

  private boolean fill() throws IOException {
    position = 0;
    filled = Math.max(0, raw.read(buffer, 0, buffer.length));
    return filled > 0;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    raw.close();
  }
}
