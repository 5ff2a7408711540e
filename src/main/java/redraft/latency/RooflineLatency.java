package redraft.latency;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import redraft.hardware.HardwareCatalogue;
import redraft.hardware.HardwareProfile;
import redraft.hardware.ModelShape;
import redraft.hardware.Precision;
import redraft.steps.StepShape;

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
 * <p>In layers with experts a pass reads those that any of its tokens visits ({@link
 * ModelShape.Experts#distinct}) and multiplies every row with those that it visits itself.
 *
 * <p>The first pass of a head in a step takes in what the target's pass left, K + 1 rows as engines
 * pad it; it projects one row of each sequence, and only there EAGLE-3 fuses hidden states of the
 * target. A head has nothing to catch up with. Medusa's heads draft in one pass of one row, as many
 * heads as tokens.
 *
 * @param devices that share the target, and the draft, by tensor parallelism
 * @param stepOverheadMs what the engine adds to every step, plain or speculative
 * @param expertCorrelation how alike the experts of the tokens of a pass are: 0 if each token
 *     chooses on its own, near 1 if all choose the same; n tokens visit as many experts as 1 + (n −
 *     1)(1 − correlation) that choose on their own
 */
public record RooflineLatency(
    HardwareProfile hardware,
    ModelShape target,
    ModelShape draft,
    Precisions precisions,
    int devices,
    double stepOverheadMs,
    double expertCorrelation)
    implements LatencyModel {
  /** How the weights of target and draft are stored and multiplied. */
  public record Precisions(Precision target, Precision draft) {
    /** In reports: one word where both are the same. */
    String word() {
      return target == draft ? target.word() : target.word() + "+" + draft.word();
    }
  }

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
    CostNumbers.require(
        "step overhead of " + stepOverheadMs + " milliseconds", stepOverheadMs, CostNumbers.MS);
    if (!(expertCorrelation >= 0 && expertCorrelation < 1)) {
      throw new IllegalArgumentException(
          "expert correlation " + expertCorrelation + " must be at least 0 and less than 1");
    }
    if (target.head() != null) {
      throw new IllegalArgumentException(
          "target '"
              + target.name()
              + "' is a head, which drafts and verifies nothing; name a whole model");
    }
    if (draft.head() != null && draft.head().targetHidden() != target.layers().hidden()) {
      throw new IllegalArgumentException(
          "draft '"
              + draft.name()
              + "' reads hidden states "
              + draft.head().targetHidden()
              + " wide, and those of target '"
              + target.name()
              + "' are "
              + target.layers().hidden()
              + " wide; name a head of this target");
    }
  }

  /** Both in one precision, without the overhead of an engine, experts chosen independently. */
  public RooflineLatency(
      HardwareProfile hardware,
      ModelShape target,
      ModelShape draft,
      Precision precision,
      int devices) {
    this(hardware, target, draft, new Precisions(precision, precision), devices, 0, 0);
  }

  /**
   * Of presets or files ({@code h100-sxmx4}), without the overhead of an engine; an {@link
   * IllegalArgumentException} if one is not known or they do not go together.
   */
  public static RooflineLatency named(
      String hardware, String target, String draft, Precisions precisions) throws IOException {
    HardwareCatalogue.Devices devices = HardwareCatalogue.devices(hardware);
    return new RooflineLatency(
        devices.hardware(),
        HardwareCatalogue.model(target),
        HardwareCatalogue.model(draft),
        precisions,
        devices.count(),
        0,
        0);
  }

  @Override
  public String name() {
    return hardware.name()
        + (devices == 1 ? "" : "x" + devices)
        + (precisions.equals(new Precisions(Precision.BF16, Precision.BF16))
            ? ""
            : "/" + precisions.word());
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
    return pass(false, batch, rows, rows, contextTokens);
  }

  /**
   * One pass of the draft; of a head, any but the first of a step.
   *
   * @param rows for Medusa, tokens that are drafted
   */
  @Override
  public double draftPass(int batch, int rows, int contextTokens) {
    if (draft.parallelDraft()) {
      return products()
          .productMs(
              precisions.draft,
              rows * (draft.inputWeights() + draft.projectionWeights()) / devices,
              batch);
    }
    boolean fuses = draft.head() != null && draft.head().kind() != ModelShape.Head.Kind.EAGLE3;
    return pass(true, batch, rows, rows, contextTokens) + (fuses ? fusionMs(batch, rows) : 0);
  }

  /**
   * Milliseconds of each pass of the draft in a step, in order; none where no draft model runs.
   *
   * @param contextTokens tokens in each sequence's cache before the step
   */
  public double[] draftPasses(int batch, StepShape shape, int contextTokens) {
    List<Integer> rows = shape.draftRows();
    if (draft.parallelDraft() && !rows.isEmpty()) {
      return new double[] {draftPass(batch, shape.drafted(), contextTokens)};
    }
    int middle = contextTokens + Math.max(0, rows.size() - 1) / 2;
    double[] passes = new double[rows.size()];
    for (int i = 0; i < passes.length; i++) {
      boolean again = i > 0 && rows.get(i).equals(rows.get(i - 1));
      passes[i] = again ? passes[i - 1] : draftPass(batch, rows.get(i), middle);
    }
    if (draft.head() != null && passes.length > 0) {
      int left = shape.targetRows();
      passes[0] = pass(true, batch, left, 1, contextTokens) + fusionMs(batch, left);
    }
    return passes;
  }

  @Override
  public double step(int batch, StepShape shape, int contextTokens) {
    return draft.head() == null
        ? LatencyModel.super.step(batch, shape, contextTokens)
        : Arrays.stream(draftPasses(batch, shape, contextTokens)).sum()
            + targetPass(batch, shape.targetRows(), contextTokens)
            + stepOverhead(batch);
  }

  @Override
  public double catchUp(int batch, int contextTokens) {
    return draft.head() == null ? LatencyModel.super.catchUp(batch, contextTokens) : 0;
  }

  @Override
  public boolean knowsMixedPasses() {
    return true;
  }

  @Override
  public double mixedPass(Load load) {
    return pass(false, load, load.sampledRows());
  }

  /** Medusa's heads read no prompt; of other heads it is the first pass of a step. */
  @Override
  public double draftMixedPass(Load load) {
    return draft.parallelDraft()
        ? 0
        : pass(true, load, load.sequences() + load.prompts())
            + (draft.head() == null ? 0 : fusionMs(1, load.allRows()));
  }

  /** Milliseconds that a head takes to fuse what it reads of the target. */
  private double fusionMs(int batch, int rows) {
    return products()
        .productMs(precisions.draft, draft.inputWeights() / devices, (double) batch * rows);
  }

  /**
   * Milliseconds of one pass without the fusion of a head.
   *
   * @param drafting whether it is the draft's
   * @param projected rows of each sequence that need logits
   */
  private double pass(boolean drafting, int batch, int rows, int projected, int contextTokens) {
    double cached = (double) batch * (contextTokens + rows);
    return pass(drafting, (double) batch * rows, (double) batch * projected, cached, cached * rows);
  }

  private double pass(boolean drafting, Load load, double projected) {
    double cached = (double) load.cachedTokens() + load.rows();
    return pass(
        drafting,
        load.allRows(),
        projected,
        cached + load.promptCachedTokens() + load.promptRows(),
        cached * load.rows() / Math.max(1, load.sequences()) + load.promptPairs());
  }

  /**
   * @param allRows of all sequences
   * @param projected of these rows, those that need logits
   * @param cached tokens whose keys and values are read
   * @param pairs of a row and a token that it attends to
   */
  private double pass(
      boolean drafting, double allRows, double projected, double cached, double pairs) {
    ModelShape shape = drafting ? draft : target;
    Precision precision = drafting ? precisions.draft : precisions.target;
    boolean borrowed = shape.head() != null && shape.head().borrowsProjection();
    ModelShape.Attention attention = shape.layers().attention();
    int split = Math.min(devices, attention.kvHeads()); // a KV head is not divided
    double readCache = cached * shape.kvBytesPerToken() / split;
    int layers = shape.layers().count();
    double attend = 4.0 * layers * attention.heads() * attention.headSize() * pairs / devices;
    int withExperts = shape.layers().withExperts();
    return (layers - withExperts) * products().layerMs(shape, precision, allRows, true)
        + (withExperts == 0 ? 0 : withExperts * products().expertLayerMs(shape, precision, allRows))
        + products()
            .productMs(
                borrowed ? precisions.target : precision,
                shape.projectionWeights() / devices,
                projected)
        + products().joined(precision, readCache, attend);
  }

  /**
   * Milliseconds of the matrix products of one layer without experts, in the target's precision,
   * with what a layer takes besides.
   *
   * @param rows of all sequences
   */
  public double layerMs(ModelShape shape, double rows) {
    return products().layerMs(shape, precisions.target, rows, false);
  }

  private RooflineProducts products() {
    return new RooflineProducts(hardware, devices, expertCorrelation);
  }

  @Override
  public double stepOverhead(int batch) {
    return stepOverheadMs;
  }

  @Override
  public double prefill(int batch, int promptTokens) {
    return pass(false, batch, promptTokens, 1, 0) + stepOverheadMs;
  }

  @Override
  public List<String> sources() {
    return hardware.figures().entrySet().stream()
        .map(figure -> hardware.name() + ", " + figure.getKey() + " " + figure.getValue().cited())
        .toList();
  }

  @Override
  public String engineName() {
    return Engine.IDEAL;
  }

  @Override
  public CostError costError() {
    return Engines.REGISTRY.named(Engine.IDEAL).error();
  }

  @Override
  public List<String> caveats() {
    List<String> caveats = new ArrayList<>(expertCaveats());
    caveats.add(
        String.format(
            Locale.ROOT,
            "costs are those of the roofline alone, a bound that published runs stay %.0f%% below on average; "
                + "--engine costs steps as a serving engine makes them",
            100 * (1 - Math.exp(-costError().bias()))));
    return caveats;
  }

  /** What is assumed of mixtures of experts. */
  List<String> expertCaveats() {
    boolean experts = target.layers().experts() != null || draft.layers().experts() != null;
    return experts && expertCorrelation == 0
        ? List.of(
            "Tokens of a pass are taken to choose their experts independently, the most that a pass can cost;"
                + " --expert-correlation says how alike they choose")
        : List.of();
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
    double weights = weightsGB(draftModel);
    double cache = batch * (double) contextTokens * perToken(draftModel) / 1e9;
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

  @Override
  public long kvTokens(double part, boolean draftModel) {
    double left = part * 1e9 * hardware.memory().capacityGB().value() - 1e9 * weightsGB(draftModel);
    return (long) Math.max(0, left / perToken(draftModel));
  }

  /** On each device. */
  private double weightsGB(boolean draftModel) {
    double bytes =
        target.parameters() * precisions.target.bytesPerWeight()
            + (draftModel ? draft.parameters() * precisions.draft.bytesPerWeight() : 0);
    return bytes / devices / 1e9;
  }

  /** KV bytes of one token on one device. */
  private double perToken(boolean draftModel) {
    return share(target) + (draftModel ? share(draft) : 0);
  }

  private double share(ModelShape shape) {
    return shape.kvBytesPerToken() / Math.min(devices, shape.layers().attention().kvHeads());
  }
}
