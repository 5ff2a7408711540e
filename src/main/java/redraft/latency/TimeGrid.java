package redraft.latency;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Times measured at points of several axes, linear between them on every axis. The points of an
 * axis may differ from place to place of the axes before it, as where long caches were measured for
 * few sequences only.
 *
 * <p>Below the least point of an axis its time counts, and beyond the last the line through that
 * and the last one at or below half of it: steps between two neighbours say little of the slope of
 * a staircase.
 */
final class TimeGrid {
  private final double[] at; // ascending
  private final double[] times; // [at]; null where there are further axes
  private final TimeGrid[] inner; // [at]; null on the last axis
  private final int half; // the last point at or below half of the last one

  private TimeGrid(double[] at, double[] times, TimeGrid[] inner) {
    this.at = at;
    this.times = times;
    this.inner = inner;
    int last = at.length - 1;
    int below = Math.max(0, last - 1);
    while (below > 0 && at[below] > at[last] / 2) {
      below--;
    }
    half = below;
  }

  /**
   * Where times were measured.
   *
   * @param at [axis][point]
   * @param times [point], at least one
   */
  record Points(double[][] at, double[] times) {}

  /**
   * @throws IllegalArgumentException if two points are alike
   */
  static TimeGrid of(Points points) {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < points.times.length; i++) {
      all.add(i);
    }
    return of(points.at, points.times, 0, all);
  }

  private static TimeGrid of(double[][] points, double[] times, int axis, List<Integer> some) {
    Map<Double, List<Integer>> by = new TreeMap<>();
    for (int i : some) {
      by.computeIfAbsent(points[axis][i], at -> new ArrayList<>()).add(i);
    }
    double[] at = by.keySet().stream().mapToDouble(Double::doubleValue).toArray();
    if (axis == points.length - 1) {
      for (List<Integer> those : by.values()) {
        if (those.size() > 1) {
          int again = those.get(1);
          throw new IllegalArgumentException(
              "measured twice at "
                  + Arrays.stream(points)
                      .map(each -> Integer.toString((int) each[again]))
                      .collect(Collectors.joining(", ")));
        }
      }
      return new TimeGrid(
          at, by.values().stream().mapToDouble(i -> times[i.get(0)]).toArray(), null);
    }
    return new TimeGrid(
        at,
        null,
        by.values().stream()
            .map(those -> of(points, times, axis + 1, those))
            .toArray(TimeGrid[]::new));
  }

  /** The largest point of the first axis. */
  double last() {
    return at[at.length - 1];
  }

  /** The time at a place, one number an axis; 0 where a line would lead below that. */
  double at(double... place) {
    return Math.max(0, at(place, 0));
  }

  private double at(double[] place, int axis) {
    double x = place[axis];
    int last = at.length - 1;
    int low = 0;
    int right = last;
    while (low < right) {
      int middle = (low + right) >>> 1;
      if (at[middle] < x) {
        low = middle + 1;
      } else {
        right = middle;
      }
    }
    if (at[right] == x || right == 0) {
      return inner(right, place, axis);
    }
    int left = x > at[last] ? half : right - 1;
    double from = inner(left, place, axis);
    return from + (x - at[left]) / (at[right] - at[left]) * (inner(right, place, axis) - from);
  }

  private double inner(int i, double[] place, int axis) {
    return inner == null ? times[i] : inner[i].at(place, axis + 1);
  }
}
