package redraft.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Several ways to do a thing, timed in turns: a change in the machine's speed reaches all of them.
 */
final class Rounds {
  private final Map<String, double[]> times = new LinkedHashMap<>(); // of the timed rounds

  /** Times each way from start to end, in nanoseconds. */
  Rounds(Map<String, Runnable> ways, int warmUp, int rounds) {
    this(
        ways,
        way -> {
          long started = System.nanoTime();
          way.run();
          return System.nanoTime() - started;
        },
        warmUp,
        rounds);
  }

  /**
   * @param measure runs a way once and says what it took
   */
  <W> Rounds(Map<String, W> ways, ToDoubleFunction<W> measure, int warmUp, int rounds) {
    for (int round = -warmUp; round < rounds; round++) {
      for (Map.Entry<String, W> way : ways.entrySet()) {
        double time = measure.applyAsDouble(way.getValue());
        if (round >= 0) {
          times.computeIfAbsent(way.getKey(), name -> new double[rounds])[round] = time;
        }
      }
    }
  }

  double median(String way) {
    return quantile(times.get(way), .5);
  }

  double least(String way) {
    return quantile(times.get(way), 0);
  }

  double most(String way) {
    return quantile(times.get(way), 1);
  }

  private static double quantile(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
