package redraft.report;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.apache.commons.codec.binary.Base64;

/**
 * A list of numbers as the page's script reads it.
 *
 * @param type u8, u16, i32, f32 or f64: unsigned, signed or floating, with its bits
 * @param data base64 of the numbers, little-endian
 */
record Packed(String type, String data) {
  /** In as few bytes as the greatest needs; none may be negative. */
  static Packed of(int[] values) {
    int greatest = IntStream.of(values).max().orElse(0);
    if (greatest < 1 << 8) {
      ByteBuffer bytes = buffer(values.length);
      IntStream.of(values).forEach(value -> bytes.put((byte) value));
      return of("u8", bytes);
    }
    if (greatest < 1 << 16) {
      ByteBuffer bytes = buffer(Short.BYTES * values.length);
      IntStream.of(values).forEach(value -> bytes.putShort((short) value));
      return of("u16", bytes);
    }
    ByteBuffer bytes = buffer(Integer.BYTES * values.length);
    IntStream.of(values).forEach(bytes::putInt);
    return of("i32", bytes);
  }

  /** In as few bytes as keep every value what it is. */
  static Packed exactly(double[] values) {
    if (DoubleStream.of(values).allMatch(value -> value >= 0 && value < 1 << 8 && value % 1 == 0)) {
      return of(DoubleStream.of(values).mapToInt(value -> (int) value).toArray());
    }
    if (DoubleStream.of(values).allMatch(value -> (float) value == value)) {
      return shown(values);
    }
    ByteBuffer bytes = buffer(Double.BYTES * values.length);
    DoubleStream.of(values).forEach(bytes::putDouble);
    return of("f64", bytes);
  }

  /** In single precision, for values that nothing is computed from. */
  static Packed shown(double[] values) {
    ByteBuffer bytes = buffer(Float.BYTES * values.length);
    DoubleStream.of(values).forEach(value -> bytes.putFloat((float) value));
    return of("f32", bytes);
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Packed of(String type, ByteBuffer bytes) {
    return new Packed(type, Base64.encodeBase64String(bytes.array()));
  }
}
