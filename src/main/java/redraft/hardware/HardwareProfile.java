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
 * @param memoryBandwidthGBps peak, 10⁹ bytes a second
 * @param memoryGB 10⁹ bytes
 * @param usdPerHour rent of one; null where none is known
 * @param linkGBps to the others under tensor parallelism, one direction, 10⁹ bytes a second; null
 *     where there is no such link
 * @param allReduceUs microseconds that the smallest all-reduce takes; null as above
 * @param bandwidthFraction achieved part of the peak
 * @param arithmeticFraction achieved part of the peak
 * @param layerOverheadUs microseconds that a layer takes besides: launches and small kernels
 */
public record HardwareProfile(
    String name,
    List<String> aliases,
    String title,
    Map<String, SourcedNumber> tflops,
    SourcedNumber memoryBandwidthGBps,
    SourcedNumber memoryGB,
    SourcedNumber usdPerHour,
    SourcedNumber linkGBps,
    SourcedNumber allReduceUs,
    SourcedNumber bandwidthFraction,
    SourcedNumber arithmeticFraction,
    SourcedNumber layerOverheadUs) {
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
    figures.put("memoryBandwidthGBps", memoryBandwidthGBps);
    figures.put("memoryGB", memoryGB);
    figures.put("usdPerHour", usdPerHour);
    figures.put("linkGBps", linkGBps);
    figures.put("allReduceUs", allReduceUs);
    figures.put("bandwidthFraction", bandwidthFraction);
    figures.put("arithmeticFraction", arithmeticFraction);
    figures.put("layerOverheadUs", layerOverheadUs);
    figures.values().removeIf(figure -> figure == null);
    return figures;
  }

  /**
   * @param achieved gives the fractions and the overhead that the fields leave out
   */
  static HardwareProfile read(CheckedObject fields, CheckedObject achieved) {
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
        SourcedNumber.read(fields.child("memoryBandwidthGBps"), 1e-3, 1e6),
        SourcedNumber.read(fields.child("memoryGB"), 1e-3, 1e6),
        fields.has("usdPerHour") ? SourcedNumber.read(fields.child("usdPerHour"), 0, 1e6) : null,
        linked ? SourcedNumber.read(fields.child("linkGBps"), 1e-3, 1e6) : null,
        linked ? SourcedNumber.read(fields.child("allReduceUs"), 0, 1e6) : null,
        fraction("bandwidthFraction", fields, achieved),
        fraction("arithmeticFraction", fields, achieved),
        SourcedNumber.read(
            (fields.has("layerOverheadUs") ? fields : achieved).child("layerOverheadUs"), 0, 1e6));
  }

  private static SourcedNumber fraction(
      String field, CheckedObject fields, CheckedObject achieved) {
    return SourcedNumber.read((fields.has(field) ? fields : achieved).child(field), 1e-3, 1);
  }
}
