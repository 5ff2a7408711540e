package redraft.latency;

import redraft.steps.StepShape;

/**
 * Steps measured whole, from the beginning of one to the beginning of the next, while one pair
 * decoded on one machine, one sequence at a time: a step costs what it took, not the sum of its
 * passes. A pass lasts until the next one begins, so that what comes between belongs to it.
 *
 * @param steps by target rows: 1 is plain decoding, K + 1 a step that drafts K tokens
 * @param target passes by rows
 * @param draft passes of one row, wherever they come in a block
 * @param catchUpMs what a first draft pass of two rows takes more than one of one row
 */
public record MeasuredSteps(
    String name, PassTimes steps, PassTimes target, PassTimes draft, double catchUpMs)
    implements LatencyModel {
  @Override
  public Unit unit() {
    return Unit.MILLISECONDS;
  }

  @Override
  public String onlyBatchOne() {
    return "measured for batch 1 only";
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
    return target.at(rows, contextTokens);
  }

  @Override
  public double draftPass(int batch, int rows, int contextTokens) {
    requireOne(batch);
    return draft.at(rows, contextTokens);
  }

  private void requireOne(int batch) {
    if (batch != 1) {
      throw new IllegalArgumentException(
          "steps of '" + name + "' were measured for batch 1, not " + batch);
    }
  }

  /** Nothing: a pass lasts until the next one. */
  @Override
  public double stepOverhead(int batch) {
    return 0;
  }

  @Override
  public double step(int batch, StepShape shape, int contextTokens) {
    requireOne(batch);
    boolean whole = shape.equals(StepShape.PLAIN) || !shape.draftRows().isEmpty();
    return (whole ? steps : target).at(shape.targetRows(), contextTokens);
  }

  @Override
  public double catchUp(int batch, int contextTokens) {
    return catchUpMs;
  }
}
