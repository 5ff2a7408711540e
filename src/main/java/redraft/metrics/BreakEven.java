package redraft.metrics;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import redraft.latency.LatencyModel;

/** Where speculative decoding stops paying. */
public final class BreakEven {
  private static final int BATCHES_AT_ONCE = 16;
  private static final int BISECTIONS = 60; // to the last bit of a double

  private BreakEven() {}

  /**
   * The acceptance below which no draft length pays: the least α for which 1 + α + … + α^K tokens a
   * step outrun plain decoding at the price of some K. For K = 1 and a constant ratio it is c
   * (Leviathan et al. 2023, Corollary 3.9).
   *
   * @param draftLengths to choose K from
   * @return from 0 to 1; NaN where even certain acceptance does not pay
   */
  public static double acceptance(
      LatencyModel latency, int batch, int contextTokens, List<Integer> draftLengths) {
    double least = Double.NaN;
    for (int draftLength : draftLengths) {
      double needed = acceptance(1, latency, batch, contextTokens, draftLength);
      least = Double.isNaN(least) ? needed : Math.min(least, Double.isNaN(needed) ? least : needed);
    }
    return least;
  }

  /**
   * The acceptance α with which 1 + α + … + α^K tokens a step give a speedup.
   *
   * @return from 0 to 1; NaN where even certain acceptance gives less
   */
  public static double acceptance(
      double speedup, LatencyModel latency, int batch, int contextTokens, int draftLength) {
    double needed =
        speedup
            * latency.speculativeStep(batch, draftLength, contextTokens)
            / latency.baselineStep(batch, contextTokens);
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
   * @param bestSpeedups of some batches, by batch
   * @return null where all of them pay
   */
  public static Integer batch(
      int most, Function<List<Integer>, Map<Integer, Double>> bestSpeedups) {
    int paying = 0;
    int notPaying = most + 1;
    List<Integer> tried =
        IntStream.iterate(1, batch -> batch <= most, batch -> 2 * batch).boxed().toList();
    while (!tried.isEmpty()) {
      Map<Integer, Double> speedups = bestSpeedups.apply(tried);
      for (int batch : tried) { // ascending
        if (!(speedups.get(batch) > 1)) {
          notPaying = batch;
          break;
        }
        paying = batch;
      }
      int low = paying;
      int high = notPaying;
      int step = Math.max(1, (high - low) / BATCHES_AT_ONCE);
      tried =
          IntStream.iterate(low + step, batch -> batch < high, batch -> batch + step)
              .boxed()
              .toList();
    }
    return notPaying > most ? null : notPaying;
  }
}
