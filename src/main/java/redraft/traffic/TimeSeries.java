package redraft.traffic;

import java.util.Arrays;

/**
 * What an engine held over time, averaged over stretches that double whenever there are too many of
 * them, so that memory does not grow with the run.
 */
public final class TimeSeries {
  private static final int MOST = 400;

  private final double[] running = new double[MOST]; // request-milliseconds
  private final double[] waiting = new double[MOST];
  private final double[] kv = new double[MOST];
  private double width = 100; // ms

  /** Adds a stretch of time. */
  void add(double from, double ms, int runningNow, int waitingNow, double kvNow) {
    while (from + ms >= width * MOST) {
      halve(running);
      halve(waiting);
      halve(kv);
      width *= 2;
    }
    double to = from + ms;
    for (double at = from; at < to; ) {
      int stretch = (int) (at / width);
      double end = Math.min(to, (stretch + 1) * width);
      if (end <= at) { // rounding
        break;
      }
      running[stretch] += runningNow * (end - at);
      waiting[stretch] += waitingNow * (end - at);
      kv[stretch] += kvNow * (end - at);
      at = end;
    }
  }

  private static void halve(double[] values) {
    for (int i = 0; i < MOST / 2; i++) {
      values[i] = values[2 * i] + values[2 * i + 1];
    }
    Arrays.fill(values, MOST / 2, MOST, 0);
  }

  /** Milliseconds that a stretch lasts. */
  public double widthMs() {
    return width;
  }

  /** Requests that run, on average over each stretch. */
  public double[] running() {
    return averages(running);
  }

  /** Requests that wait. */
  public double[] waiting() {
    return averages(waiting);
  }

  /** Part of the KV cache in use. */
  public double[] kv() {
    return averages(kv);
  }

  private double[] averages(double[] sums) {
    int last = MOST;
    while (last > 0 && running[last - 1] == 0 && waiting[last - 1] == 0) {
      last--;
    }
    double[] averages = new double[last];
    for (int i = 0; i < last; i++) {
      averages[i] = sums[i] / width;
    }
    return averages;
  }
}
