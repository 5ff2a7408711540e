package redraft.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Several ways to do a thing, measured in turns: a change in the machine's speed reaches all of
 * them.
 */
final class Rounds {
  private final Map<String, double[]> values = new LinkedHashMap<>(); // of the rounds that count

  /** The median over the rounds, with the least and the most. */
  record SourcedNumber(double median, double least, double most) {
    private static SourcedNumber of(double[] values) {
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      return new SourcedNumber(sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
    }

    SourcedNumber over(double count) {
      return new SourcedNumber(median / count, least / count, most / count);
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%6.3f (%.3f – %.3f)", median, least, most);
    }
  }

  /** Does the thing in one way and says what it took. */
  interface Measure<W> {
    /**
     * @param round counts from 0, the rounds that warm up included
     */
    double take(W way, int round);
  }

  <W> Rounds(Map<String, W> ways, Measure<W> measure, int warmUp, int rounds) {
    for (int round = 0; round < warmUp + rounds; round++) {
      for (Map.Entry<String, W> way : ways.entrySet()) {
        double value = measure.take(way.getValue(), round);
        if (round >= warmUp) {
          values.computeIfAbsent(way.getKey(), name -> new double[rounds])[round - warmUp] = value;
        }
      }
    }
  }

  SourcedNumber of(String way) {
    return SourcedNumber.of(values.get(way));
  }

  /** One way over another, round by round. */
  SourcedNumber ratio(String way, String other) {
    double[] a = values.get(way);
    double[] b = values.get(other);
    return SourcedNumber.of(IntStream.range(0, a.length).mapToDouble(i -> a[i] / b[i]).toArray());
  }
}
