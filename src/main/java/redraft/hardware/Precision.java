package redraft.hardware;

import java.util.List;
import java.util.Locale;
import redraft.json.Registry;

/**
 * How the weights are stored and multiplied; the KV cache and activations have 16 bits in any case.
 */
public enum Precision {
  /** bf16 or fp16. */
  BF16(2, "bf16"),
  FP8(1, "fp8"),
  INT8(1, "int8"),
  /** Weights only: they are multiplied in bf16. */
  INT4(0.5, "bf16");

  private final double bytesPerWeight;
  private final String arithmetic;

  Precision(double bytesPerWeight, String arithmetic) {
    this.bytesPerWeight = bytesPerWeight;
    this.arithmetic = arithmetic;
  }

  public double bytesPerWeight() {
    return bytesPerWeight;
  }

  /** The kind of arithmetic that hardware states a peak for. */
  String arithmetic() {
    return arithmetic;
  }

  /** The name in options and reports. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The precision of that name. */
  public static Precision named(String word) {
    return new Registry<>("precision", Precision::word, List.of(values())).named(word);
  }
}
