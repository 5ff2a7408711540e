package redraft.json;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.ZipException;

/**
 * The bytes of a source, decompressed where their beginning says gzip or zstd. Data that was cut,
 * or ends in zeros, is read as far as it goes.
 */
final class Decompression implements Closeable {
  private static final byte[] GZIP = {0x1F, (byte) 0x8B}; // RFC 1952
  private static final byte[] ZSTD = {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD}; // RFC 8878

  // A frame may end in an empty sequences section and a checksum (RFC 8878).
  private static final int MOST_ZEROS_OF_ZSTD = 5;

  private final RawInput raw;
  private final InputStream in;
  private boolean cut;

  Decompression(InputStream source) throws IOException {
    raw = new RawInput(source);
    try {
      in = decompressed();
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  private InputStream decompressed() throws IOException {
    byte[] first = raw.first(ZSTD.length);
    if (isZstd(first)) {
      raw.giveZeros(MOST_ZEROS_OF_ZSTD);
      // Continuous: at the end of a cut frame, what there is of it is read first.
      return new ZstdInputStream(raw).setContinuous(true);
    }
    int common = Math.min(first.length, GZIP.length);
    boolean gzip = common > 0 && Arrays.equals(first, 0, common, GZIP, 0, common);
    return gzip ? new GzipInput(raw) : raw;
  }

  /** Whether these are the first bytes of a frame; those of a skippable one begin 50 to 5F. */
  private static boolean isZstd(byte[] first) {
    return Arrays.equals(first, ZSTD)
        || first.length == 4
            && (first[0] & 0xF0) == 0x50
            && first[1] == 0x2A
            && first[2] == 0x4D
            && first[3] == 0x18;
  }

  /**
   * Reads at least one byte; -1 at the end, also of data that was cut.
   *
   * @throws ZipException if the compressed data is damaged
   */
  int read(byte[] bytes, int offset, int length) throws IOException {
    try {
      int count = in.read(bytes, offset, length);
      if (count == -1) {
        cut = raw.zeros() > 0 || in instanceof ZstdInputStream zstd && !isWhole(zstd);
      }
      return count;
    } catch (EOFException e) {
      cut = true;
      return -1;
    } catch (ZstdIOException e) {
      throw new ZipException(e.getMessage());
    }
  }

  /** At the end of the data, whether it is that of its last frame too. */
  private static boolean isWhole(ZstdInputStream zstd) throws IOException {
    try {
      return zstd.setContinuous(false).read() == -1;
    } catch (ZstdIOException e) {
      return false;
    }
  }

  /** What is read, for formats that are no lines: of these, zeros at the end may be data. */
  InputStream stream() {
    return new InputStream() {
      private final byte[] one = new byte[1];

      @Override
      public int read() throws IOException {
        return read(one, 0, 1) == -1 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = length == 0 ? 0 : Decompression.this.read(bytes, offset, length);
        return count == -1 && in == raw ? lastZeros(bytes, offset, length) : count;
      }

      @Override
      public void close() throws IOException {
        Decompression.this.close();
      }
    };
  }

  private int lastZeros(byte[] bytes, int offset, int length) {
    int count = 0;
    while (count < length && raw.takeZero()) {
      bytes[offset + count++] = 0;
    }
    return count == 0 ? -1 : count;
  }

  /** Whether the source ended before its compressed data did, or in zeros that are no data. */
  boolean cut() {
    return cut;
  }

  /** Bytes taken from the source so far. */
  long bytesRead() {
    return raw.count();
  }

  @Override
  public void close() throws IOException {
    in.close();
    raw.close();
  }
}
