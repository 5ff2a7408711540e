package redraft.latency;

import java.util.List;
import java.util.Locale;
import redraft.hardware.HardwareProfile;
import redraft.hardware.ModelShape;
import redraft.hardware.Precision;
import redraft.hardware.SourcedNumber;

/**
 * Times of passes from hardware and model shapes. In the layers and the vocabulary projection a
 * pass reads every weight once and multiplies it with every row; in attention it reads the keys and
 * values of every cached token. Memory and arithmetic overlap, imperfectly where they take equally
 * long: their times are joined as √(memory² + arithmetic²), which is the larger one wherever one
 * dominates (the roofline of <a href="https://doi.org/10.1145/1498765.1498785">Williams et al.
 * 2009</a> with a rounded ridge; docs/latency.md has the formula and what it was fitted to).
 *
 * <p>Tensor parallelism divides weights, arithmetic and heads, and adds two all-reduces a layer.
 *
 * @param devices that share the target, and the draft, by tensor parallelism
 * @param stepOverheadMs what the engine adds to every step, plain or speculative
 */
public record RooflineLatency(
    HardwareProfile hardware,
    ModelShape target,
    ModelShape draft,
    Precision precision,
    int devices,
    double stepOverheadMs)
    implements LatencyModel {
  private static final int ACTIVATION_BYTES = 2;

  public RooflineLatency {
    if (devices < 1) {
      throw new IllegalArgumentException("devices " + devices + " must be at least 1");
    }
    if (devices > 1 && hardware.link() == null) {
      throw new IllegalArgumentException(
          "hardware '"
              + hardware.name()
              + "' states no link, so "
              + devices
              + " of it cannot share a model; use one, or state linkGBps and allReduceUs in a file");
    }
    if (!(stepOverheadMs >= 0) || Double.isInfinite(stepOverheadMs)) {
      throw new IllegalArgumentException(
          "step overhead " + stepOverheadMs + " must be a number of at least 0 milliseconds");
    }
  }

  /** Without the overhead of an engine. */
  public RooflineLatency(
      HardwareProfile hardware,
      ModelShape target,
      ModelShape draft,
      Precision precision,
      int devices) {
    this(hardware, target, draft, precision, devices, 0);
  }

  @Override
  public String name() {
    return hardware.name()
        + (devices == 1 ? "" : "x" + devices)
        + (precision == Precision.BF16 ? "" : "/" + precision.word());
  }

  @Override
  public Unit unit() {
    return Unit.MILLISECONDS;
  }

  @Override
  public String targetModel() {
    return target.name();
  }

  @Override
  public String draftModel() {
    return draft.name();
  }

  @Override
  public double targetPass(int batch, int rows, int contextTokens) {
    return pass(target, batch, rows, rows, contextTokens);
  }

  @Override
  public double draftPass(int batch, int rows, int contextTokens) {
    return pass(draft, batch, rows, rows, contextTokens);
  }

  /**
   * Milliseconds of one pass.
   *
   * @param projected rows of each sequence that need logits
   */
  private double pass(ModelShape shape, int batch, int rows, int projected, int contextTokens) {
    double allRows = (double) batch * rows;
    double cached = (double) batch * (contextTokens + rows);
    ModelShape.Attention attention = shape.layers().attention();
    int split = Math.min(devices, attention.kvHeads()); // a KV head is not divided
    double readCache = cached * shape.kvBytesPerToken() / split;
    int layers = shape.layers().count();
    double attend =
        4.0 * layers * attention.heads() * attention.headSize() * cached * rows / devices;
    return layers * (layerMs(shape, allRows) + 2 * allReduce(shape, allRows))
        + productMs(shape.projectionWeights() / devices, (double) batch * projected)
        + joined(readCache, attend);
  }

  /**
   * Milliseconds of the matrix products of one layer, with what a layer takes besides.
   *
   * @param rows of all sequences
   */
  public double layerMs(ModelShape shape, double rows) {
    return productMs(shape.layerWeights() / devices, rows)
        + hardware.achieved().layerOverheadUs().value() / 1e3;
  }

  /** Weights are read once and multiplied with every row, two operations each. */
  private double productMs(double weights, double rows) {
    return joined(weights * precision.bytesPerWeight(), 2 * weights * rows);
  }

  private double joined(double bytes, double operations) {
    HardwareProfile.Achieved achieved = hardware.achieved();
    double peak = hardware.memory().bandwidthGBps().value();
    double memory = bytes / (1e6 * peak * achieved.bandwidthFraction().value());
    double arithmetic =
        operations / (1e9 * hardware.tflops(precision) * achieved.arithmeticFraction().value());
    return Math.sqrt(memory * memory + arithmetic * arithmetic);
  }

  /** Milliseconds of a ring all-reduce of one layer's activations: 2(n − 1)/n times their bytes. */
  private double allReduce(ModelShape shape, double rows) {
    if (devices == 1) {
      return 0;
    }
    double bytes =
        2.0 * (devices - 1) / devices * rows * shape.layers().hidden() * ACTIVATION_BYTES;
    HardwareProfile.Link link = hardware.link();
    return link.allReduceUs().value() / 1e3 + bytes / (1e6 * link.bandwidthGBps().value());
  }

  @Override
  public double stepOverhead(int batch) {
    return stepOverheadMs;
  }

  @Override
  public double prefill(int batch, int promptTokens) {
    return pass(target, batch, promptTokens, 1, 0) + stepOverheadMs;
  }

  @Override
  public List<String> sources() {
    return hardware.figures().entrySet().stream()
        .map(
            entry -> {
              SourcedNumber number = entry.getValue();
              return hardware.name()
                  + ", "
                  + entry.getKey()
                  + " "
                  + number.value()
                  + ": "
                  + number.source()
                  + " ("
                  + number.date()
                  + ", "
                  + number.confidence()
                  + ")";
            })
        .toList();
  }

  @Override
  public double usdPerHour() {
    return hardware.usdPerHour() == null ? Double.NaN : devices * hardware.usdPerHour().value();
  }

  @Override
  public boolean knowsMemory() {
    return true;
  }

  @Override
  public String shortfall(int batch, int contextTokens, boolean draftModel) {
    double parameters = target.parameters() + (draftModel ? draft.parameters() : 0);
    double weights = parameters * precision.bytesPerWeight() / devices / 1e9;
    double perToken = share(target) + (draftModel ? share(draft) : 0);
    double cache = batch * (double) contextTokens * perToken / 1e9;
    double memory = hardware.memory().capacityGB().value();
    return weights + cache <= memory
        ? null
        : String.format(
            Locale.ROOT,
            "%s not fit on %s: weights %.1f GB and KV cache %.1f GB (batch %d, %d tokens) of %.0f GB%s",
            draftModel ? target.name() + " + " + draft.name() + " do" : target.name() + " does",
            name(),
            weights,
            cache,
            batch,
            contextTokens,
            memory,
            devices == 1 ? "" : " each");
  }

  /** KV bytes of one token on one device. */
  private double share(ModelShape shape) {
    return shape.kvBytesPerToken() / Math.min(devices, shape.layers().attention().kvHeads());
  }
}
