package redraft.traffic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * Ways to serve beside plain decoding, under one load after the other.
 *
 * @param rows by load, plain decoding first
 * @param series what the engine held over time, in the first run of each row
 */
public record TrafficStudy(List<TrafficRow> rows, List<TimeSeries> series) {
  /**
   * What is asked.
   *
   * @param settings plain decoding first
   * @param runs of each, with the seeds from {@code seed} on
   * @param usdPerHour of the hardware; NaN where that is not known
   */
  public record Question(
      Server server,
      List<ServingSetting> settings,
      List<OfferedLoad> loads,
      int runs,
      long seed,
      double usdPerHour) {
    /** Runs in all. */
    public int total() {
      return settings.size() * loads.size() * runs;
    }
  }

  /** One run of a question. */
  private record Run(TrafficResult result, TimeSeries series) {}

  /**
   * Runs on all processors; results are the same on any number.
   *
   * @param progress told how many runs are done
   */
  public static TrafficStudy of(Question question, LongConsumer progress) throws IOException {
    int settings = question.settings.size();
    LongAdder done = new LongAdder();
    Run[] runs = new Run[question.total()];
    try {
      IntStream.range(0, runs.length)
          .parallel()
          .forEach(
              i -> {
                runs[i] = run(question, i);
                done.increment();
                progress.accept(done.sum());
              });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    List<TrafficRow> rows = new ArrayList<>();
    List<TimeSeries> series = new ArrayList<>();
    for (int l = 0; l < question.loads.size(); l++) {
      List<TrafficResult> plain = results(runs, question, l * settings);
      for (int s = 0; s < settings; s++) {
        int row = l * settings + s;
        rows.add(
            new TrafficRow(
                question.loads.get(l),
                question.settings.get(s),
                question.server,
                results(runs, question, row),
                plain,
                question.usdPerHour));
        series.add(runs[row * question.runs].series);
      }
    }
    return new TrafficStudy(rows, series);
  }

  private static List<TrafficResult> results(Run[] runs, Question question, int row) {
    return Arrays.stream(runs, row * question.runs, (row + 1) * question.runs)
        .map(Run::result)
        .toList();
  }

  private static Run run(Question question, int i) {
    int row = i / question.runs;
    int run = i % question.runs;
    OfferedLoad load = question.loads.get(row / question.settings.size());
    TimeSeries series = run == 0 ? new TimeSeries() : null;
    try {
      return new Run(
          question.server.serve(
              question.settings.get(row % question.settings.size()),
              load.workload(),
              load.ownLengths(),
              question.seed + run,
              series),
          series);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The rows of each way to serve, by load. */
  public Map<ServingSetting, List<TrafficRow>> bySetting() {
    Map<ServingSetting, List<TrafficRow>> rows = new LinkedHashMap<>();
    this.rows.forEach(
        row -> rows.computeIfAbsent(row.setting(), key -> new ArrayList<>()).add(row));
    return rows;
  }

  /**
   * The rate from which on a way to serve no longer ends requests sooner than plain decoding,
   * between two rates on a straight line of the logarithm; NaN where it does so at every rate, 0
   * where at none.
   *
   * @param rows of one way to serve, by ascending rate
   */
  public static double stopsHelping(List<TrafficRow> rows) {
    double helped = Double.NaN; // the rate before, and its gain
    double gainThere = Double.NaN;
    for (TrafficRow row : rows) {
      double gain = Math.log(row.latencySpeedup().mean());
      if (gain <= 0) {
        return Double.isNaN(helped)
            ? 0
            : Math.exp(
                Math.log(helped)
                    + Math.log(row.load().rate() / helped) * gainThere / (gainThere - gain));
      }
      helped = row.load().rate();
      gainThere = gain;
    }
    return Double.NaN;
  }

  /**
   * The largest rate up to which the SLO is met by so many requests; null where it is at none.
   *
   * @param rows of one way to serve, by ascending rate
   * @param part of the requests
   */
  public static Double largestRate(List<TrafficRow> rows, double part) {
    Double largest = null;
    for (TrafficRow row : rows) {
      if (row.attained() < part || row.overloaded()) {
        break;
      }
      largest = row.load().rate();
    }
    return largest;
  }

  /** The way to serve that ends requests soonest under a load; plain decoding where none does. */
  public TrafficRow fastest(OfferedLoad load) {
    TrafficRow fastest = null;
    for (TrafficRow row : rows) {
      if (row.load() == load
          && (fastest == null || row.latencySpeedup().mean() > fastest.latencySpeedup().mean())) {
        fastest = row;
      }
    }
    return Objects.requireNonNull(fastest);
  }
}
