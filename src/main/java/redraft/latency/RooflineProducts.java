package redraft.latency;

import redraft.hardware.HardwareProfile;
import redraft.hardware.ModelShape;
import redraft.hardware.Precision;

/**
 * Milliseconds of matrix products and layers on the devices that share a model: memory and
 * arithmetic joined as {@link RooflineLatency} says.
 */
record RooflineProducts(HardwareProfile hardware, int devices, double expertCorrelation) {
  private static final int ACTIVATION_BYTES = 2;

  /**
   * The matrix products of one layer without experts, with what a layer takes besides.
   *
   * @param rows of all sequences
   * @param reduced whether the two all-reduces of a layer are counted
   */
  double layerMs(ModelShape shape, Precision precision, double rows, boolean reduced) {
    return productMs(precision, shape.layerWeights() / devices, rows)
        + layerOverheadMs()
        + (reduced ? 2 * allReduce(shape, rows) : 0);
  }

  /** The same of one layer with experts, with its all-reduces. */
  double expertLayerMs(ModelShape shape, Precision precision, double rows) {
    ModelShape.Experts experts = shape.layers().experts();
    double read =
        shape.expertLayerWeights(experts.distinct(1 + (rows - 1) * (1 - expertCorrelation)));
    double multiplied = shape.expertLayerWeights(experts.active());
    return joined(
            precision, read / devices * precision.bytesPerWeight(), 2 * multiplied / devices * rows)
        + layerOverheadMs()
        + 2 * allReduce(shape, rows);
  }

  private double layerOverheadMs() {
    return hardware.achieved().layerOverheadUs().value() / 1e3;
  }

  /** Weights are read once and multiplied with every row, two operations each. */
  double productMs(Precision precision, double weights, double rows) {
    return joined(precision, weights * precision.bytesPerWeight(), 2 * weights * rows);
  }

  double joined(Precision precision, double bytes, double operations) {
    HardwareProfile.Achieved achieved = hardware.achieved();
    double peak = hardware.memory().bandwidthGBps().value();
    double memory = bytes / (1e6 * peak * achieved.bandwidthFraction().value());
    double arithmetic =
        operations / (1e9 * hardware.tflops(precision) * achieved.arithmeticFraction().value());
    return Math.sqrt(memory * memory + arithmetic * arithmetic);
  }

  /** Of a ring all-reduce of one layer's activations: 2(n − 1)/n times their bytes. */
  private double allReduce(ModelShape shape, double rows) {
    if (devices == 1) {
      return 0;
    }
    double bytes =
        2.0 * (devices - 1) / devices * rows * shape.layers().hidden() * ACTIVATION_BYTES;
    HardwareProfile.Link link = hardware.link();
    return link.allReduceUs().value() / 1e3 + bytes / (1e6 * link.bandwidthGBps().value());
  }
}
