package redraft.model.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.platform.Fp16Conversions;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/** From 16-bit numbers to float32, exactly. */
final class Precision {
  /** [2^16], by bit pattern: a look-up is several times faster than taking an fp16 apart. */
  private static final class Half {
    private static final float[] VALUES = new float[1 << 16];

    static {
      for (int bits = 0; bits < VALUES.length; bits++) {
        VALUES[bits] = Fp16Conversions.fp16ToFloat((short) bits);
      }
    }
  }

  private Precision() {}

  /** Converts {@code count} numbers of type float16 or bfloat16. */
  static void widen(
      OnnxJavaType type, ShortBuffer from, int fromIndex, FloatBuffer to, int toIndex, int count) {
    if (type == OnnxJavaType.FLOAT16) {
      float[] values = Half.VALUES;
      for (int i = 0; i < count; i++) {
        to.put(toIndex + i, values[from.get(fromIndex + i) & 0xFFFF]);
      }
    } else {
      // bfloat16 is the upper half of a float32
      for (int i = 0; i < count; i++) {
        to.put(toIndex + i, Float.intBitsToFloat(from.get(fromIndex + i) << 16));
      }
    }
  }
}
