package redraft.hardware;

import java.util.List;
import java.util.Locale;
import redraft.json.CheckedObject;
import redraft.json.Registry;

/**
 * How the weights are stored and multiplied; the KV cache and activations have 16 bits in any case.
 */
public enum Precision {
  /** bf16 or fp16. */
  BF16(2, "bf16", List.of("bfloat16", "fp16", "float16", "f16", "half")),
  FP8(1, "fp8", List.of("float8", "f8", "fp8_e4m3", "fp8_e5m2", "e4m3")),
  INT8(1, "int8", List.of("8bit", "q8", "q8_0", "w8a8", "w8a16")),
  /** Weights only: they are multiplied in bf16. */
  INT4(
      0.5,
      "bf16",
      List.of(
          "4bit", "q4", "q4_0", "q4_1", "q4_k", "q4_k_s", "q4_k_m", "iq4_xs", "iq4_nl", "awq",
          "gptq", "w4a16", "nf4", "fp4", "mxfp4", "nvfp4"));

  private final double bytesPerWeight;
  private final String arithmetic;
  private final List<String> otherWords;

  Precision(double bytesPerWeight, String arithmetic, List<String> otherWords) {
    this.bytesPerWeight = bytesPerWeight;
    this.arithmetic = arithmetic;
    this.otherWords = otherWords;
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

  /**
   * The precision of that name, or of one that engines and model files have for it, such as fp16,
   * q8_0, q4_k_m or awq. What such formats store besides (scales, a few layers in more bits) is
   * left out.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Precision named(String word) {
    String wanted = word.toLowerCase(Locale.ROOT);
    for (Precision each : values()) {
      if (each.otherWords.contains(wanted)) {
        return each;
      }
    }
    return new Registry<>("precision", Precision::word, List.of(values())).named(wanted);
  }

  /**
   * The precision that a field names; 16 bits, and a problem, where it names none.
   *
   * @param absent where the field is not there; null if it must be
   */
  public static Precision read(CheckedObject fields, String field, Precision absent) {
    if (absent != null && !fields.has(field)) {
      return absent;
    }
    String word = fields.text(field);
    try {
      return word == null ? BF16 : named(word);
    } catch (IllegalArgumentException e) {
      fields.problem(field, e.getMessage());
      return BF16;
    }
  }
}
