package redraft.latency;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import redraft.json.CheckedObject;

/**
 * Measured times of one model's passes over rows and contexts, interpolated linearly in both.
 *
 * @param model the name in messages
 * @param curves by rows, ascending
 * @param reach the longest context with its rows that a pass may have: the model's limit. The last
 *     stretch of a curve goes on to there.
 * @param anyContext whether a pass costs the same at every context, because only one was measured
 */
public record PassTimes(String model, List<Curve> curves, int reach, boolean anyContext) {
  /**
   * Passes over a number of rows.
   *
   * @param contexts ascending: tokens in the cache before the pass
   * @param ms [contexts]: medians
   * @param lowMs [contexts]: lower end of the spread, the first quartile where this machine was
   *     measured
   * @param highMs [contexts]: upper end, the third quartile
   */
  public record Curve(int rows, int[] contexts, double[] ms, double[] lowMs, double[] highMs) {
    private double at(int context) {
      int last = contexts.length - 1;
      if (last == 0 || context <= contexts[0]) {
        return ms[0];
      }
      int found = Arrays.binarySearch(contexts, context);
      int right = found >= 0 ? found : Math.min(-found - 1, last);
      double part =
          (double) (context - contexts[right - 1]) / (contexts[right] - contexts[right - 1]);
      return ms[right - 1] + part * (ms[right] - ms[right - 1]);
    }
  }

  /** The most rows that were measured. */
  public int maxRows() {
    return curves.get(curves.size() - 1).rows;
  }

  /** Most tokens before a pass that has a time. */
  public int contextReach() {
    return anyContext ? Integer.MAX_VALUE : reach;
  }

  /**
   * Milliseconds of a pass.
   *
   * @throws IllegalArgumentException if it lies outside of what was measured
   */
  public double at(int rows, int context) {
    if (rows < 1 || rows > maxRows()) {
      throw new IllegalArgumentException(
          "the passes of '"
              + model
              + "' were measured for 1 to "
              + maxRows()
              + " rows, not for "
              + rows
              + "; measure more (profile --rows), or draft less");
    }
    if (context > contextReach()) {
      throw new IllegalArgumentException(
          "the passes of '"
              + model
              + "' were measured up to "
              + reach
              + " tokens of context, not for "
              + context
              + "; measure longer ones (profile --max-context)");
    }
    int right = 0;
    while (curves.get(right).rows < rows) {
      right++;
    }
    Curve above = curves.get(right);
    if (above.rows == rows) {
      return above.at(context);
    }
    Curve below = curves.get(right - 1);
    double part = (double) (rows - below.rows) / (above.rows - below.rows);
    return below.at(context) + part * (above.at(context) - below.at(context));
  }

  static PassTimes read(String model, CheckedObject fields) {
    List<Curve> curves = new ArrayList<>();
    for (CheckedObject each : fields.children("passes")) {
      double[] contexts = array(each.numbers("contexts", 0, CheckedObject.MOST));
      Curve curve =
          new Curve(
              each.count("rows", null),
              Arrays.stream(contexts).mapToInt(context -> (int) context).toArray(),
              array(each.numbers("ms", 0, CostNumbers.MS)),
              array(each.numbers("lowMs", 0, CostNumbers.MS)),
              array(each.numbers("highMs", 0, CostNumbers.MS)));
      for (int i = 1; i < contexts.length; i++) {
        if (contexts[i] <= contexts[i - 1]) {
          each.problem("contexts", "not ascending");
          break;
        }
      }
      if (curve.ms.length != contexts.length
          || curve.lowMs.length != contexts.length
          || curve.highMs.length != contexts.length) {
        each.problem("ms", "not as many as contexts (lowMs and highMs too)");
      }
      curves.add(curve);
    }
    curves.sort(Comparator.comparingInt(Curve::rows));
    if (curves.isEmpty() || curves.get(0).rows != 1) {
      fields.problem("passes", "without one of 1 row");
    }
    return new PassTimes(
        model, curves, fields.count("contextLength", null), fields.flag("anyContext"));
  }

  private static double[] array(List<Double> numbers) {
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
