package redraft.latency;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * A function of whole numbers as the points between which it is linear. Costs go with the context
 * in one straight line or in a few, so that some numbers say what a table would; a function that is
 * not linear anywhere becomes that table.
 *
 * @param at ascending
 * @param values at those points
 */
public record PiecewiseLinear(int[] at, double[] values) {
  private static final double TOLERANCE = 1e-12; // of the value, against the straight line

  /**
   * The points of a function, which is asked at every whole number of the range.
   *
   * @param to at least {@code from}
   */
  public static PiecewiseLinear of(IntToDoubleFunction function, int from, int to) {
    double[] values = new double[to - from + 1];
    for (int i = 0; i < values.length; i++) {
      values[i] = function.applyAsDouble(from + i);
    }
    List<Integer> knots = new ArrayList<>(List.of(0));
    for (int start = 0; start < values.length - 1; ) {
      int end = start + 1; // the farthest point known to be reached by a straight line
      for (int beyond = values.length; end + 1 < beyond; ) {
        int middle = (end + beyond) / 2;
        if (straight(values, start, middle)) {
          end = middle;
        } else {
          beyond = middle;
        }
      }
      knots.add(end);
      start = end;
    }
    return new PiecewiseLinear(
        knots.stream().mapToInt(i -> from + i).toArray(),
        knots.stream().mapToDouble(i -> values[i]).toArray());
  }

  /** Whether everything between two points lies on the line through them. */
  private static boolean straight(double[] values, int start, int end) {
    double slope = (values[end] - values[start]) / (end - start);
    for (int i = end - 1; i > start; i--) {
      double line = values[start] + slope * (i - start);
      if (Math.abs(line - values[i]) > TOLERANCE * Math.abs(values[i])) {
        return false;
      }
    }
    return true;
  }

  /** Whether another is the same in every number; records compare lists by identity. */
  public boolean alike(PiecewiseLinear other) {
    return Arrays.equals(at, other.at) && Arrays.equals(values, other.values);
  }

  /** The value at a whole number of the range. */
  public double value(int x) {
    int next = 1;
    while (next < at.length && at[next] < x) {
      next++;
    }
    if (x < at[0] || next == at.length && x > at[next - 1]) {
      throw new IllegalArgumentException(
          x + " is outside the range from " + at[0] + " to " + at[at.length - 1]);
    }
    if (next == at.length) {
      return values[0];
    }
    double slope = (values[next] - values[next - 1]) / (at[next] - at[next - 1]);
    return values[next - 1] + slope * (x - at[next - 1]);
  }
}
