package redraft.latency;

import redraft.json.CheckedObject;
import redraft.steps.StepShape;

/**
 * Pass times measured on one machine, one sequence at a time.
 *
 * @param target its passes alone, without sampling
 * @param draft its passes alone, without sampling, each after another of the draft
 * @param draftAfterTarget the first pass of a block: a target pass has just taken the caches
 * @param greedy what surrounds the passes at temperature 0
 * @param sampled what surrounds the passes at other temperatures
 * @param temperature of the text whose cost is asked for
 */
public record MeasuredProfile(
    String name,
    PassTimes target,
    PassTimes draft,
    PassTimes draftAfterTarget,
    Surroundings greedy,
    Surroundings sampled,
    double temperature)
    implements LatencyModel {
  /** The word for this model in a file. */
  private static final double LIVE_SPREAD = 0.05; // of ln(predicted / measured speedup)

  static final String MODEL = "measured";

  /**
   * Times besides those of the passes, milliseconds.
   *
   * @param targetRowMs turning one row of the target's logits into a distribution
   * @param tokenMs of plain decoding: drawing the token and keeping it
   * @param draftRowMs the draft's distribution and the draw of one token
   * @param verifyMs the rule's decision and the draw of the recovered or bonus token
   * @param rollbackMs of both caches
   */
  public record Surroundings(
      double targetRowMs, double tokenMs, double draftRowMs, double verifyMs, double rollbackMs) {
    /** Where only passes were measured. */
    public static final Surroundings NONE = new Surroundings(0, 0, 0, 0, 0);

    static Surroundings read(CheckedObject fields) {
      return new Surroundings(
          fields.number("targetRowMs", 0, CostNumbers.MS),
          fields.number("tokenMs", 0, CostNumbers.MS),
          fields.number("draftRowMs", 0, CostNumbers.MS),
          fields.number("verifyMs", 0, CostNumbers.MS),
          fields.number("rollbackMs", 0, CostNumbers.MS));
    }
  }

  static MeasuredProfile read(CheckedObject fields) {
    PassTimes target = PassTimes.read(fields.text("targetModel"), fields.child("target"));
    PassTimes draft = PassTimes.read(fields.text("draftModel"), fields.child("draft"));
    return new MeasuredProfile(
        fields.text("name"),
        target,
        draft,
        PassTimes.read(draft.model(), fields.child("draftAfterTarget")),
        Surroundings.read(fields.child("greedy")),
        Surroundings.read(fields.child("sampled")),
        1);
  }

  private Surroundings surroundings() {
    return temperature == 0 ? greedy : sampled;
  }

  @Override
  public LatencyModel atTemperature(double temperature) {
    return new MeasuredProfile(name, target, draft, draftAfterTarget, greedy, sampled, temperature);
  }

  @Override
  public String onlyBatchOne() {
    return "measured for batch 1 only";
  }

  /** Of 128 live cells beside their predictions: 3.9% mean error, docs/validation.md. */
  @Override
  public CostError costError() {
    return new CostError(0, LIVE_SPREAD, 128, 1);
  }

  @Override
  public int draftReach() {
    return target.maxRows() - 1;
  }

  @Override
  public int contextReach() {
    return Math.min(target.contextReach(), draft.contextReach());
  }

  @Override
  public Unit unit() {
    return Unit.MILLISECONDS;
  }

  @Override
  public String targetModel() {
    return target.model();
  }

  @Override
  public String draftModel() {
    return draft.model();
  }

  @Override
  public double targetPass(int batch, int rows, int contextTokens) {
    requireOne(batch);
    return target.at(rows, contextTokens) + rows * surroundings().targetRowMs();
  }

  @Override
  public double draftPass(int batch, int rows, int contextTokens) {
    requireOne(batch);
    return draft.at(rows, contextTokens) + surroundings().draftRowMs();
  }

  private void requireOne(int batch) {
    if (batch != 1) {
      throw new IllegalArgumentException(
          "profile '" + name + "' was measured for batch 1, not " + batch);
    }
  }

  @Override
  public double stepOverhead(int batch) {
    return surroundings().verifyMs() + surroundings().rollbackMs();
  }

  @Override
  public double step(int batch, StepShape shape, int contextTokens) {
    if (shape.equals(StepShape.PLAIN)) {
      return targetPass(batch, 1, contextTokens) + surroundings().tokenMs();
    }
    double step = LatencyModel.super.step(batch, shape, contextTokens);
    if (shape.draftRows().isEmpty()) {
      return step;
    }
    // What following the target adds was measured for the rows that a chain's first pass has.
    int first = Math.min(shape.draftRows().get(0), draftAfterTarget.maxRows());
    double cold = draftAfterTarget.at(first, contextTokens) - draft.at(first, contextTokens);
    int draws = shape.drafting() == StepShape.Drafting.HEADS ? shape.drafted() - 1 : 0;
    return step + cold + draws * surroundings().draftRowMs(); // a pass has one draw
  }

  @Override
  public double catchUp(int batch, int contextTokens) {
    return draftAfterTarget.at(2, contextTokens) - draftAfterTarget.at(1, contextTokens);
  }
}
