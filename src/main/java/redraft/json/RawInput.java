package redraft.json;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.ZipException;

/**
 * The bytes of a source, buffered and counted, without the zeros in which it ends: a loss of power
 * leaves them where data never reached the disk. {@link #available} is 0 at the end only: by it
 * decompressors tell whether more frames follow, which a pipe may not have brought yet.
 */
final class RawInput extends InputStream {
  private static final long MOST_ZEROS = 1L << 30; // a device such as /dev/zero never ends

  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private long zeros; // that stand before the rest of the buffer
  private int position;
  private int end; // of the buffer's bytes behind which nothing but zeros is known
  private int filled;
  private long count;
  private int mostGiven;

  RawInput(InputStream in) {
    this.in = in;
  }

  /** Bytes taken from the source so far. */
  long count() {
    return count;
  }

  /** The first bytes, before any other is read; they are read again, and fewer if there are. */
  byte[] first(int length) throws IOException {
    int there = 0;
    for (int read; there < length && (read = in.read(buffer, there, length - there)) > 0; ) {
      there += read;
    }
    took(there);
    return Arrays.copyOf(buffer, filled);
  }

  /** Gives zeros at the end like other bytes, where there are no more than this. */
  void giveZeros(int most) {
    mostGiven = most;
  }

  /** At the end, how many zeros were held back. */
  long zeros() {
    return zeros;
  }

  /** At the end, takes one of the zeros that were held back; false if there is none. */
  boolean takeZero() {
    return zeros > 0 && zeros-- > 0;
  }

  private void took(int length) {
    count += length;
    position = 0;
    filled = length;
    end = length;
    while (end > 0 && buffer[end - 1] == 0) {
      end--;
    }
  }

  /** Finds the next byte that is no zero; false if there is none. */
  private boolean fill() throws IOException {
    while (position == end) {
      zeros += filled - end;
      if (zeros > MOST_ZEROS) {
        throw new ZipException("more than " + MOST_ZEROS + " zeros follow one another");
      }
      int length = Math.max(0, in.read(buffer, 0, buffer.length));
      took(length);
      if (length == 0) {
        boolean given = zeros > 0 && zeros <= mostGiven;
        if (given) {
          Arrays.fill(buffer, 0, (int) zeros, (byte) 0);
          end = (int) zeros;
          filled = end;
          zeros = 0;
        }
        return given;
      }
    }
    return true;
  }

  @Override
  public int available() throws IOException {
    return position == end && !fill() ? 0 : (int) Math.min(zeros + end - position, 1 << 30);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) == -1 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0 || available() == 0) {
      return length == 0 ? 0 : -1;
    }
    int given;
    if (zeros > 0) {
      given = (int) Math.min(length, zeros);
      Arrays.fill(bytes, offset, offset + given, (byte) 0);
      zeros -= given;
    } else {
      given = Math.min(length, end - position);
      System.arraycopy(buffer, position, bytes, offset, given);
      position += given;
    }
    return given;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
