package redraft.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import redraft.metrics.Quartiles;
import redraft.validation.live.Noise;
import redraft.validation.live.ProcessorClock;
import redraft.validation.live.ProcessorUse;

/**
 * Several ways to do a thing, measured in turns: a change in the machine's speed reaches all of
 * them.
 */
final class Rounds {
  private final Map<String, double[]> values = new LinkedHashMap<>(); // of the rounds that count
  private final Map<String, List<ProcessorUse>> uses = new LinkedHashMap<>(); // of the same

  /** The median over the rounds, with its quartiles, the least and the most. */
  record SourcedNumber(double median, double least, double most, double low, double high) {
    private static SourcedNumber of(double[] values) {
      Quartiles quartiles = Quartiles.of(values);
      return new SourcedNumber(
          quartiles.median(),
          Arrays.stream(values).min().orElseThrow(),
          Arrays.stream(values).max().orElseThrow(),
          quartiles.low(),
          quartiles.high());
    }

    SourcedNumber over(double count) {
      return new SourcedNumber(
          median / count, least / count, most / count, low / count, high / count);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%6.3f (%.3f – %.3f, quartiles %.3f – %.3f)",
          median,
          least,
          most,
          low,
          high);
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
        ProcessorClock started = ProcessorClock.now();
        double value = measure.take(way.getValue(), round);
        if (round >= warmUp) {
          ProcessorUse use = ProcessorClock.now().since(started);
          uses.computeIfAbsent(way.getKey(), name -> new ArrayList<>()).add(use);
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

  /**
   * A line on why ratios to one way, whose rounds are of the same texts, are unreliable; empty
   * where they are not.
   *
   * @param way one of this program's: the clock sees this thread
   */
  String problem(String way, int threads) {
    List<Noise.Turn> turns =
        Arrays.stream(values.get(way)).mapToObj(time -> new Noise.Turn(time, 1)).toList();
    String problem = Noise.of(turns, List.of(), use(way), threads).problem();
    return problem == null ? "" : "unreliable: " + problem + System.lineSeparator();
  }

  private ProcessorUse use(String way) {
    List<ProcessorUse> all = uses.get(way);
    return new ProcessorUse(
        all.get(0).processors(),
        all.stream().mapToDouble(ProcessorUse::waiting).average().orElseThrow(),
        all.stream().mapToDouble(ProcessorUse::others).average().orElseThrow(),
        all.stream().mapToDouble(ProcessorUse::stolen).average().orElseThrow());
  }
}
