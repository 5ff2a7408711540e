package redraft.replay;

import redraft.steps.StepLog;

/** What no rule of some kind accepts more tokens than, of what a step proposes. */
interface StepLimit {
  /**
   * An unbiased estimate of it, or of no less, from the path's own tokens.
   *
   * @param position where the step starts
   * @param drafted tokens, or levels of a tree
   */
  double accepted(int position, int drafted);

  /** Σ over the steps of a log, in each of its runs on average. */
  default double accepted(StepLog log) {
    double[] sum = new double[1];
    log.forEach(
        (shape, position, weight) ->
            sum[0] += shape == null ? 0 : weight * accepted(position, shape.drafted()));
    return sum[0] / log.runSteps().length;
  }
}
