package redraft.recording;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.apache.commons.statistics.descriptive.Quantile;
import redraft.latency.PassTimes;

/**
 * Times of passes against the tokens in the cache before them, as parallel straight lines, one for
 * each number of rows: least squares with a common slope. The mean of a line over what was measured
 * is the mean of what was measured, stalls included, so that sums of passes are predicted and not
 * the usual pass.
 */
final class PassLines {
  private static final Quantile QUANTILE =
      Quantile.withDefaults().with(Quantile.EstimationMethod.HF7);

  private final TreeMap<Integer, List<double[]>> byRows = new TreeMap<>(); // {context, ms}
  private int least = Integer.MAX_VALUE; // context, of all lines
  private int most;

  void add(int rows, int context, double ms) {
    least = Math.min(least, context);
    most = Math.max(most, context);
    byRows.computeIfAbsent(rows, key -> new ArrayList<>()).add(new double[] {context, ms});
  }

  /** A line for each number of rows that was timed, ascending. */
  List<PassTimes.Curve> curves() {
    double slope = slope();
    return byRows.keySet().stream().map(rows -> curve(rows, slope)).toList();
  }

  private PassTimes.Curve curve(int rows, double slope) {
    double[][] timed = byRows.get(rows).toArray(double[][]::new);
    double context = mean(timed, 0);
    double ms = mean(timed, 1);
    double[] off = new double[timed.length];
    for (int i = 0; i < timed.length; i++) {
      off[i] = timed[i][1] - ms - slope * (timed[i][0] - context);
    }
    double[] quartiles = QUANTILE.evaluate(off, 0.25, 0.75);
    int[] contexts = least == most ? new int[] {least} : new int[] {least, most};
    double[] line =
        Arrays.stream(contexts).mapToDouble(at -> ms + slope * (at - context)).toArray();
    return new PassTimes.Curve(
        rows,
        contexts,
        line,
        Arrays.stream(line).map(at -> Math.max(0, at + quartiles[0])).toArray(),
        Arrays.stream(line).map(at -> at + quartiles[1]).toArray());
  }

  /**
   * Milliseconds a token of context, as far as a longer one makes no pass cheaper and none costs
   * less than nothing without context.
   */
  private double slope() {
    double steepest = Double.MAX_VALUE;
    double squares = 0;
    double products = 0;
    for (List<double[]> each : byRows.values()) {
      double[][] timed = each.toArray(double[][]::new);
      double context = mean(timed, 0);
      double ms = mean(timed, 1);
      steepest = Math.min(steepest, ms / Math.max(1, context));
      for (double[] pass : timed) {
        squares += (pass[0] - context) * (pass[0] - context);
        products += (pass[0] - context) * (pass[1] - ms);
      }
    }
    return squares == 0 ? 0 : Math.max(0, Math.min(steepest, products / squares));
  }

  private static double mean(double[][] timed, int column) {
    return Arrays.stream(timed).mapToDouble(pass -> pass[column]).average().orElseThrow();
  }
}
