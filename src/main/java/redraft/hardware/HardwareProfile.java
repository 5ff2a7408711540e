package redraft.hardware;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redraft.json.CheckedObject;

/**
 * What a roofline needs to know of one accelerator or processor.
 *
 * @param aliases other names
 * @param tflops dense peak arithmetic, 10¹² operations a second, by kind: bf16, fp8, int8
 * @param usdPerHour rent of one; null where none is known
 * @param link to the others under tensor parallelism; null where there is none
 */
public record HardwareProfile(
    String name,
    List<String> aliases,
    String title,
    Map<String, SourcedNumber> tflops,
    Memory memory,
    SourcedNumber usdPerHour,
    Link link,
    Achieved achieved) {
  /**
   * The memory of one.
   *
   * @param bandwidthGBps peak, 10⁹ bytes a second
   * @param capacityGB 10⁹ bytes
   */
  public record Memory(SourcedNumber bandwidthGBps, SourcedNumber capacityGB) {}

  /**
   * What joins one to the others.
   *
   * @param bandwidthGBps one direction, 10⁹ bytes a second
   * @param allReduceUs microseconds that the smallest all-reduce takes
   */
  public record Link(SourcedNumber bandwidthGBps, SourcedNumber allReduceUs) {}

  /**
   * What passes get of the peaks.
   *
   * @param bandwidthFraction part of the memory's bandwidth
   * @param arithmeticFraction part of the arithmetic
   * @param layerOverheadUs microseconds that a layer takes besides: launches and small kernels
   */
  public record Achieved(
      SourcedNumber bandwidthFraction,
      SourcedNumber arithmeticFraction,
      SourcedNumber layerOverheadUs) {}

  private static final List<String> ARITHMETIC = List.of("bf16", "fp8", "int8");

  /**
   * The peak for a precision, 10¹² operations a second: that of bf16 where the hardware has no
   * faster one, the weights being converted then.
   */
  public double tflops(Precision precision) {
    return tflops.getOrDefault(precision.arithmetic(), tflops.get("bf16")).value();
  }

  /** Every number with its source, by its field in a file. */
  public Map<String, SourcedNumber> figures() {
    Map<String, SourcedNumber> figures = new LinkedHashMap<>();
    tflops.forEach((kind, figure) -> figures.put("tflops." + kind, figure));
    figures.put("memoryBandwidthGBps", memory.bandwidthGBps);
    figures.put("memoryGB", memory.capacityGB);
    if (usdPerHour != null) {
      figures.put("usdPerHour", usdPerHour);
    }
    if (link != null) {
      figures.put("linkGBps", link.bandwidthGBps);
      figures.put("allReduceUs", link.allReduceUs);
    }
    figures.put("bandwidthFraction", achieved.bandwidthFraction);
    figures.put("arithmeticFraction", achieved.arithmeticFraction);
    figures.put("layerOverheadUs", achieved.layerOverheadUs);
    return figures;
  }

  /**
   * @param defaults gives the fractions and the overhead that the fields leave out
   */
  static HardwareProfile read(CheckedObject fields, CheckedObject defaults) {
    Map<String, SourcedNumber> tflops = new LinkedHashMap<>();
    CheckedObject peaks = fields.child("tflops");
    for (String kind : ARITHMETIC) {
      if (kind.equals("bf16") || peaks.has(kind)) {
        tflops.put(kind, SourcedNumber.read(peaks.child(kind), 1e-3, 1e6));
      }
    }
    boolean linked = fields.has("linkGBps") || fields.has("allReduceUs");
    return new HardwareProfile(
        fields.text("name"),
        fields.texts("aliases"),
        fields.text("title"),
        tflops,
        new Memory(
            SourcedNumber.read(fields.child("memoryBandwidthGBps"), 1e-3, 1e6),
            SourcedNumber.read(fields.child("memoryGB"), 1e-3, 1e6)),
        fields.has("usdPerHour") ? SourcedNumber.read(fields.child("usdPerHour"), 0, 1e6) : null,
        linked
            ? new Link(
                SourcedNumber.read(fields.child("linkGBps"), 1e-3, 1e6),
                SourcedNumber.read(fields.child("allReduceUs"), 0, 1e6))
            : null,
        new Achieved(
            fraction("bandwidthFraction", fields, defaults),
            fraction("arithmeticFraction", fields, defaults),
            SourcedNumber.read(
                (fields.has("layerOverheadUs") ? fields : defaults).child("layerOverheadUs"),
                0,
                1e6)));
  }

  private static SourcedNumber fraction(
      String field, CheckedObject fields, CheckedObject defaults) {
    return SourcedNumber.read((fields.has(field) ? fields : defaults).child(field), 1e-3, 1);
  }
}
