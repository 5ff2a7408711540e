package redraft.metrics;

import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import redraft.latency.LatencyModel;
import redraft.steps.StepShape;

/** Where speculative decoding stops paying. */
public final class BreakEven {
  private static final int BISECTIONS = 60; // to the last bit of a double

  private BreakEven() {}

  /**
   * The acceptance below which no draft length pays: the least α for which 1 + α + … + α^K tokens a
   * step outrun plain decoding at the cost of some K. For K = 1 and a constant ratio it is c
   * (Leviathan et al. 2023, Corollary 3.9).
   *
   * @param shapes of a step by drafted tokens
   * @param draftLengths to choose K from
   * @return from 0 to 1; NaN where even certain acceptance does not pay
   */
  public static double acceptance(
      LatencyModel latency,
      IntFunction<StepShape> shapes,
      int batch,
      int contextTokens,
      List<Integer> draftLengths) {
    return draftLengths.stream()
        .mapToDouble(
            draftLength -> acceptance(1, latency, shapes.apply(draftLength), batch, contextTokens))
        .filter(needed -> !Double.isNaN(needed))
        .min()
        .orElse(Double.NaN);
  }

  /**
   * The acceptance α with which 1 + α + … + α^K tokens a step give a speedup.
   *
   * @param shape of a step that drafts K tokens
   * @return from 0 to 1; NaN where even certain acceptance gives less
   */
  public static double acceptance(
      double speedup, LatencyModel latency, StepShape shape, int batch, int contextTokens) {
    double needed =
        speedup
            * latency.step(batch, shape, contextTokens)
            / latency.baselineStep(batch, contextTokens);
    int draftLength = shape.drafted();
    if (needed > draftLength + 1) {
      return Double.NaN;
    }
    double low = 0;
    double high = 1;
    for (int i = 0; i < BISECTIONS; i++) {
      double middle = (low + high) / 2;
      boolean enough = Metrics.independentTokensPerStep(middle, draftLength) >= needed;
      low = enough ? low : middle;
      high = enough ? middle : high;
    }
    return high;
  }

  /**
   * The smallest batch whose best speedup is not above 1. Speedups are taken to fall as batches
   * grow, as they do once arithmetic rather than memory is the limit.
   *
   * @param most batch that is looked at
   * @param bestSpeedup at a batch
   * @return null where all of them pay
   */
  public static Integer batch(int most, IntToDoubleFunction bestSpeedup) {
    int paying = 0;
    int notPaying = most + 1;
    for (int batch = 1; notPaying > most && paying < most; batch = Math.min(2 * batch, most)) {
      if (bestSpeedup.applyAsDouble(batch) > 1) {
        paying = batch;
      } else {
        notPaying = batch;
      }
    }
    while (notPaying - paying > 1) {
      int middle = paying + (notPaying - paying) / 2;
      if (bestSpeedup.applyAsDouble(middle) > 1) {
        paying = middle;
      } else {
        notPaying = middle;
      }
    }
    return notPaying > most ? null : (Integer) notPaying;
  }
}
