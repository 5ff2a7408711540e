package redraft.latency;

import java.util.ArrayList;
import java.util.List;
import redraft.hardware.Precision;
import redraft.steps.StepShape;

/**
 * What passes and steps cost in a serving engine: the roofline of hardware and shapes, but never
 * below what launching the layers of a pass takes, and what the engine adds by pass, step and row
 * ({@link EngineCost}).
 *
 * <pre>
 * pass  = max(roofline · (1 + part · (min(rows, 8) − 1)), layers · least time of a layer)
 * draft = pass + draftPass + doubling · log₂ batch
 * step  = Σ draft + target + stepMs [+ speculationMs] + sampledRowMs · rows that are sampled
 * </pre>
 */
public record EngineLatency(RooflineLatency roofline, Engine engine) implements LatencyModel {
  /** Rows up to which kernels for few rows are used. */
  private static final int FEW_ROWS = 8;

  private static final double LN_2 = Math.log(2);

  @Override
  public String name() {
    return roofline.name() + "/" + engine.name();
  }

  @Override
  public Unit unit() {
    return Unit.MILLISECONDS;
  }

  @Override
  public String targetModel() {
    return roofline.targetModel();
  }

  @Override
  public String draftModel() {
    return roofline.draftModel();
  }

  @Override
  public String engineName() {
    return engine.name();
  }

  @Override
  public String engineRule() {
    return engine.rule();
  }

  @Override
  public CostError costError() {
    return roofline.draft().head() == null ? engine.error() : engine.headError();
  }

  @Override
  public double targetPass(int batch, int rows, int contextTokens) {
    return targetPass(roofline.targetPass(batch, rows, contextTokens), (double) batch * rows);
  }

  /**
   * @param least what the roofline says of the pass
   */
  private double targetPass(double least, double rows) {
    return Math.max(
        least * fewRows(roofline.precisions().target(), rows),
        roofline.target().layers().count() * engine.cost(EngineCost.LAYER_MS));
  }

  @Override
  public boolean knowsMixedPasses() {
    return true;
  }

  @Override
  public double mixedPass(Load load) {
    return targetPass(roofline.mixedPass(load), load.allRows());
  }

  @Override
  public double draftMixedPass(Load load) {
    return draftPass(
        Math.max(1, load.sequences() + load.prompts()),
        load.allRows(),
        roofline.draftMixedPass(load));
  }

  @Override
  public double mixedStep(Load load, boolean speculates) {
    return mixedPass(load)
        + stepOverhead(load.sequences() + load.prompts())
        + engine.cost(EngineCost.SAMPLED_ROW_MS) * load.sampledRows()
        + (speculates ? engine.cost(EngineCost.SPECULATION_MS) : 0);
  }

  @Override
  public long kvTokens(double part, boolean draftModel) {
    return roofline.kvTokens(part, draftModel);
  }

  @Override
  public double draftPass(int batch, int rows, int contextTokens) {
    return draftPass(batch, (double) batch * rows, roofline.draftPass(batch, rows, contextTokens));
  }

  /**
   * @param rows of all sequences
   * @param least what the roofline says of the pass
   */
  private double draftPass(int batch, double rows, double least) {
    double layer =
        Math.max(engine.cost(EngineCost.LAYER_MS), engine.cost(EngineCost.DRAFT_LAYER_MS))
            + (roofline.devices() > 1 ? engine.cost(EngineCost.SPLIT_LAYER_MS) : 0);
    return Math.max(
            least * fewRows(roofline.precisions().draft(), rows),
            roofline.draft().layers().count() * layer)
        + engine.cost(EngineCost.DRAFT_PASS_MS)
        + engine.cost(EngineCost.DRAFT_PASS_DOUBLING_MS) * Math.log(batch) / LN_2
        + engine.cost(EngineCost.SAMPLED_ROW_MS) * batch;
  }

  /** By how much a pass over few rows exceeds the roofline; 8 bits unpack twice as fast as 4. */
  private double fewRows(Precision precision, double rows) {
    double part =
        precision == Precision.BF16
            ? engine.cost(EngineCost.ROW_PART)
            : engine.cost(EngineCost.QUANTISED_ROW_PART)
                * Math.min(1, 0.5 / precision.bytesPerWeight());
    return 1 + part * (Math.min(rows, FEW_ROWS) - 1);
  }

  @Override
  public double stepOverhead(int batch) {
    return roofline.stepOverhead(batch) + engine.cost(EngineCost.STEP_MS);
  }

  @Override
  public double step(int batch, StepShape shape, int contextTokens) {
    double draft = 0;
    for (double pass : roofline.draftPasses(batch, shape, contextTokens)) {
      draft += draftPass(batch, (double) batch, pass);
    }
    return draft
        + targetPass(batch, shape.targetRows(), contextTokens)
        + stepOverhead(batch)
        + engine.cost(EngineCost.SAMPLED_ROW_MS) * batch * shape.targetRows()
        + (shape.drafting() == StepShape.Drafting.NONE
            ? 0
            : engine.cost(EngineCost.SPECULATION_MS));
  }

  @Override
  public double catchUp(int batch, int contextTokens) {
    return roofline.catchUp(batch, contextTokens) == 0
        ? 0
        : LatencyModel.super.catchUp(batch, contextTokens);
  }

  @Override
  public double prefill(int batch, int promptTokens) {
    return roofline.prefill(batch, promptTokens) + engine.cost(EngineCost.STEP_MS);
  }

  @Override
  public double usdPerHour() {
    return roofline.usdPerHour();
  }

  @Override
  public boolean knowsMemory() {
    return roofline.knowsMemory();
  }

  @Override
  public String shortfall(int batch, int contextTokens, boolean draftModel) {
    return roofline.shortfall(batch, contextTokens, draftModel);
  }

  @Override
  public List<String> sources() {
    List<String> sources = new ArrayList<>(roofline.sources());
    sources.add(
        "engine "
            + engine.name()
            + ": "
            + engine.source().text()
            + " ("
            + engine.source().date()
            + ", "
            + engine.source().confidence()
            + ")");
    return sources;
  }

  @Override
  public List<String> caveats() {
    List<String> caveats = new ArrayList<>(roofline.expertCaveats());
    if (costError().rows() == 0) {
      caveats.add(
          "no published run of engine "
              + engine.name()
              + " with such a draft is known: its costs are expectations, their error that of other engines");
    }
    return caveats;
  }
}
