package redraft.trace.importing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Numbers in a file, in little-endian and row-major order.
 *
 * @param place as messages call it, the file included
 * @param in what it is read from, for itself
 * @param offset bytes of the file before it
 */
record Tensor(String place, BinaryInput in, Type type, long[] shape, long offset) {
  private static final long MOST_TOKENS = 1 << 28;

  /** How a number is stored. */
  enum Type {
    F16(2),
    BF16(2),
    F32(4),
    F64(8),
    I32(4),
    I64(8);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    int bytes() {
      return bytes;
    }

    private boolean whole() {
      return this == I32 || this == I64;
    }

    private float single(ByteBuffer buffer) {
      return switch (this) {
        case F16 -> half(buffer.getShort());
        case BF16 -> Float.intBitsToFloat(buffer.getShort() << 16);
        case F32 -> buffer.getFloat();
        case F64 -> (float) buffer.getDouble();
        case I32, I64 -> throw new IllegalStateException("whole numbers are no logits");
      };
    }

    /** IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction. */
    static float half(short bits) {
      int exponent = bits >> 10 & 0x1F;
      int fraction = bits & 0x3FF;
      float value =
          switch (exponent) {
            case 0 -> fraction * 0x1p-24f;
            case 0x1F -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
            default -> Float.intBitsToFloat(exponent + 112 << 23 | fraction << 13);
          };
      return bits < 0 ? -value : value;
    }
  }

  IllegalArgumentException error(String problem) {
    return new IllegalArgumentException(place + ": " + problem);
  }

  /** Numbers that a shape holds; −1 where these are more than can be counted. */
  static long count(long[] shape) {
    long count = 1;
    for (long size : shape) {
      if (size < 0 || (size > 0 && count > Long.MAX_VALUE / 16 / size)) {
        return -1;
      }
      count *= size;
    }
    return count;
  }

  /** Token ids, in a list that is not empty. */
  int[] tokens(int vocabulary) throws IOException {
    if (!type.whole() || shape.length != 1 || shape[0] < 1 || shape[0] > MOST_TOKENS) {
      throw error(
          "is " + words() + ", not a list of I32 or I64 of 1 to " + MOST_TOKENS + " token ids");
    }
    in.goTo(offset, place);
    ByteBuffer bytes = in.bytes(shape[0] * type.bytes, place);
    int[] tokens = new int[(int) shape[0]];
    for (int i = 0; i < tokens.length; i++) {
      long token = type == Type.I32 ? bytes.getInt() : bytes.getLong();
      if (token < 0 || token >= vocabulary) {
        throw error("token " + i + " is " + token + ", not from 0 to " + (vocabulary - 1));
      }
      tokens[i] = (int) token;
    }
    return tokens;
  }

  String words() {
    return type + " of shape " + Arrays.toString(shape);
  }

  /**
   * The size of the vocabulary.
   *
   * @throws IllegalArgumentException if these are no rows of logits
   */
  int vocabulary() {
    if (type.whole() || shape.length != 2 || shape[0] < 1) {
      throw error("is " + words() + ", not [tokens, vocabulary] of F16, BF16, F32 or F64");
    }
    RowTrace.requireVocabulary(place, shape[1]);
    return (int) shape[1];
  }

  /** The rows of logits, of which the first is read first. */
  RowTrace.Rows rows() {
    ByteBuffer buffer =
        ByteBuffer.allocate(vocabulary() * type.bytes).order(ByteOrder.LITTLE_ENDIAN);
    return new RowTrace.Rows() {
      private long next;

      @Override
      public void next(float[] row) throws IOException {
        if (next == 0) {
          in.goTo(offset, Tensor.this.place);
        }
        in.fill(buffer, "row " + next + " of " + Tensor.this.place);
        next++;
        boolean written = false;
        for (int i = 0; i < row.length; i++) {
          row[i] = type.single(buffer);
          written |= row[i] != 0;
        }
        if (!written && row.length > 1) {
          throw error("row " + (next - 1) + " is all zeros: it was never written; copy it again");
        }
      }

      @Override
      public String place() {
        return Tensor.this.place + ", row " + (next - 1);
      }
    };
  }
}
