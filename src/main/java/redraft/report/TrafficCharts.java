package redraft.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import redraft.report.Chart.Scale;
import redraft.report.Chart.Series;
import redraft.report.Chart.Style;
import redraft.traffic.Estimate;
import redraft.traffic.OfferedLoad;
import redraft.traffic.ServingSetting;
import redraft.traffic.Slo;
import redraft.traffic.TimeSeries;
import redraft.traffic.TrafficResult;
import redraft.traffic.TrafficRow;
import redraft.traffic.TrafficStudy;

/**
 * Charts of serving under load. Plain decoding is in ink, a way to serve has one colour in all of
 * them, and titles say what was found.
 */
public final class TrafficCharts {
  /** Ways to serve that are told apart by colour. */
  private static final int MOST_CURVES = 6;

  /** Ways to serve that a heat map has. */
  private static final int MOST_ROWS = 20;

  private static final double ABOVE_ZERO = Double.MIN_NORMAL; // what axes of logarithms have

  private static final String INTERVALS =
      " Bands are 95% intervals over runs with other seeds, not over what costs or recorded prompts leave open.";

  private static final String BANDS = " Bands are 95% intervals over runs.";

  private final TrafficStudy study;
  private final Map<ServingSetting, List<TrafficRow>> bySetting;
  private final List<ServingSetting> drafting; // those that draft, the most useful first
  private final List<OfferedLoad> loads;
  private final TrafficWords words;

  private TrafficCharts(TrafficStudy study) {
    this.study = study;
    bySetting = study.bySetting();
    loads = study.rows().stream().map(TrafficRow::load).distinct().toList();
    drafting = drafting();
    words = new TrafficWords(study);
  }

  /** All that a study gives. */
  public static List<Chart> of(TrafficStudy study) {
    TrafficCharts charts = new TrafficCharts(study);
    List<Chart> all = new ArrayList<>();
    if (charts.words.sweep()) {
      Slo slo = study.rows().get(0).server().slo();
      all.add(charts.latency());
      if (!charts.drafting.isEmpty()) {
        all.add(charts.speedups());
      }
      all.add(charts.times("ttft-by-load", TrafficWords.TTFT, slo.ttftMs()));
      all.add(charts.times("tpot-by-load", TrafficWords.TPOT, slo.tpotMs()));
      if (slo.any()) {
        all.add(charts.goodput());
      }
    }
    all.add(charts.overTime());
    return all.stream().filter(chart -> !chart.series().isEmpty()).toList();
  }

  /** Whether speculation helps, and up to which load, in a sentence. */
  static String headline(TrafficStudy study) {
    return new TrafficWords(study).headline();
  }

  /** Those that are best under some load, in that order, then those that gain most on average. */
  private List<ServingSetting> drafting() {
    Set<ServingSetting> wanted = new LinkedHashSet<>();
    loads.forEach(load -> wanted.add(study.fastest(load).setting()));
    bySetting.entrySet().stream()
        .sorted(Comparator.comparingDouble(entry -> -meanGain(entry.getValue())))
        .forEach(entry -> wanted.add(entry.getKey()));
    return wanted.stream().filter(setting -> !setting.plain()).toList();
  }

  private static double meanGain(List<TrafficRow> rows) {
    return rows.stream()
        .mapToDouble(row -> Math.log(row.latencySpeedup().mean()))
        .average()
        .orElse(0);
  }

  /** As many of those that draft as a chart holds, in the order in which they were asked for. */
  private List<ServingSetting> shown(int most) {
    List<ServingSetting> held = drafting.subList(0, Math.min(most, drafting.size()));
    return bySetting.keySet().stream().filter(held::contains).toList();
  }

  private String leftOut(int most) {
    return drafting.size() <= most
        ? ""
        : " Of " + drafting.size() + " ways to draft these " + most + " end requests soonest.";
  }

  /** Mean latency by load, a line for each way to serve, and where each stops helping. */
  private Chart latency() {
    List<Series> series = lines(row -> row.of(result -> result.latency().mean() / 1e3), ABOVE_ZERO);
    DoubleStream.Builder x = DoubleStream.builder();
    DoubleStream.Builder y = DoubleStream.builder();
    if (words.byRate()) {
      List<TrafficRow> plain = bySetting.values().iterator().next();
      for (ServingSetting setting : shown(MOST_CURVES)) {
        double stops = TrafficStudy.stopsHelping(bySetting.get(setting));
        if (stops > 0) {
          x.add(stops);
          y.add(latencyAt(plain, stops));
        }
      }
    }
    Series stops =
        new Series(
            "stops helping", Style.POINTS, Chart.INK, x.build().toArray(), y.build().toArray());
    if (stops.y().length > 0) {
      series.add(stops);
    }
    return new Chart(
        "latency-by-load",
        words.headline(),
        words.xTitle(),
        "mean latency of requests (s)",
        null,
        series,
        "From arrival to the last token. Where a line crosses that of plain decoding, that way to draft stops helping."
            + overloaded()
            + INTERVALS
            + leftOut(MOST_CURVES),
        Scale.LOG_BOTH);
  }

  private String overloaded() {
    return study.rows().stream()
        .filter(TrafficRow::overloaded)
        .map(row -> row.load().name())
        .findFirst()
        .map(
            name ->
                " From "
                    + name
                    + " on, more requests come than some way to serve can keep up with, so that times grow with the length of the run.")
        .orElse("");
  }

  /** Plain decoding's, on a straight line between two loads on axes of logarithms. */
  private double latencyAt(List<TrafficRow> plain, double rate) {
    int i = 1;
    while (i < plain.size() - 1 && words.x(plain.get(i).load()) < rate) {
      i++;
    }
    double from = words.x(plain.get(i - 1).load());
    double part = Math.log(rate / from) / Math.log(words.x(plain.get(i).load()) / from);
    return Math.exp(
        (1 - part) * Math.log(seconds(plain.get(i - 1))) + part * Math.log(seconds(plain.get(i))));
  }

  private static double seconds(TrafficRow row) {
    return row.of(result -> result.latency().mean()).mean() / 1e3;
  }

  /** Plain decoding and those that draft, by load; numbers from {@code least} on have a place. */
  private List<Series> lines(Function<TrafficRow, Estimate> number, double least) {
    List<Series> series = new ArrayList<>();
    add(series, "plain", Chart.INK, bySetting.values().iterator().next(), number, least);
    int color = 0;
    for (ServingSetting setting : shown(MOST_CURVES)) {
      add(series, words.of(setting), color++, bySetting.get(setting), number, least);
    }
    return series;
  }

  /**
   * Points that have no place on the axes are left out, and so are intervals that have none.
   *
   * @param least that has a place
   */
  private void add(
      List<Series> series,
      String name,
      int color,
      List<TrafficRow> rows,
      Function<TrafficRow, Estimate> number,
      double least) {
    List<TrafficRow> known =
        rows.stream()
            .filter(row -> number.apply(row).mean() >= least)
            .sorted(Comparator.comparing(row -> words.x(row.load())))
            .toList();
    if (known.isEmpty()) {
      return;
    }
    List<Estimate> values = known.stream().map(number).toList();
    boolean ranged = values.stream().allMatch(value -> value.low() >= least);
    series.add(
        new Series(
            name,
            Style.LINE,
            color,
            Charts.values(known, row -> words.x(row.load())),
            Charts.values(values, Estimate::mean),
            ranged ? Charts.values(values, Estimate::low) : null,
            ranged ? Charts.values(values, Estimate::high) : null));
  }

  /**
   * The 99th percentile of a time by load.
   *
   * @param bound in milliseconds; infinity for none
   */
  private Chart times(String name, TrafficWords.Time time, double bound) {
    List<Series> series = lines(row -> row.of(time.p99()), ABOVE_ZERO);
    if (Double.isFinite(bound) && !series.isEmpty()) {
      double[] ends = ends();
      series.add(new Series("SLO", Style.REFERENCE, Chart.INK, ends, new double[] {bound, bound}));
    }
    return new Chart(
        name,
        words.title(time, bound),
        words.xTitle(),
        time.name() + ", p99 (ms)",
        null,
        series,
        time.caption() + BANDS + leftOut(MOST_CURVES),
        Scale.LOG_BOTH);
  }

  private double[] ends() {
    DoubleStream.Builder x = DoubleStream.builder();
    loads.forEach(load -> x.add(words.x(load)));
    double[] all = x.build().sorted().toArray();
    return new double[] {all[0], all[all.length - 1]};
  }

  private Chart goodput() {
    List<Series> series = lines(row -> row.of(TrafficResult::goodput), 0);
    if (words.byRate() && !series.isEmpty()) {
      series.add(new Series("all requests", Style.REFERENCE, Chart.INK, ends(), ends()));
    }
    return new Chart(
        "goodput-by-load",
        words.goodput(),
        words.xTitle(),
        "goodput (requests/s)",
        null,
        series,
        "Requests that get what the SLO asks for, a second."
            + (words.byRate() ? " On the dotted line all of them do." : "")
            + BANDS
            + leftOut(MOST_CURVES));
  }

  /** How much sooner requests end, by load and way to draft. */
  private Chart speedups() {
    List<OfferedLoad> columns = loads.stream().sorted(Comparator.comparing(words::x)).toList();
    List<Series> series = new ArrayList<>();
    for (ServingSetting setting : shown(MOST_ROWS)) {
      List<TrafficRow> rows =
          bySetting.get(setting).stream()
              .sorted(Comparator.comparing(row -> words.x(row.load())))
              .toList();
      series.add(
          new Series(
              words.of(setting),
              Style.CELLS,
              Chart.INK,
              null,
              Charts.values(rows, row -> row.latencySpeedup().mean())));
    }
    return new Chart(
        "speedup-by-load",
        words.best(),
        words.xTitle(),
        "how much sooner requests end (×)",
        columns.stream().map(load -> TrafficWords.significant(words.x(load))).toList(),
        series,
        "Plain decoding's mean latency over that of each way to draft. Blue ends requests sooner, orange later; the line runs "
            + "between the two, at 1."
            + leftOut(MOST_ROWS));
  }

  /** What the engine holds in the first run of the busiest load that plain decoding can serve. */
  private Chart overTime() {
    OfferedLoad load = words.busiest();
    ServingSetting fastest = study.fastest(load).setting();
    List<Series> series = new ArrayList<>();
    for (int i = 0; i < study.rows().size(); i++) {
      TrafficRow row = study.rows().get(i);
      if (row.load() == load && (row.setting().plain() || row.setting() == fastest)) {
        int color = row.setting().plain() ? Chart.INK : shown(MOST_CURVES).indexOf(fastest);
        String name = words.of(row.setting());
        TimeSeries held = study.series().get(i);
        add(series, name + ", running", Style.LINE, color, held.running(), held.widthMs());
        add(series, name + ", waiting", Style.DASHED, color, held.waiting(), held.widthMs());
      }
    }
    return new Chart(
        "batch-over-time",
        words.batch(load, fastest),
        "time (s)",
        "requests",
        null,
        series,
        "Of the first run at "
            + load.name()
            + ": requests that share passes, and requests that wait for one. Fewer run where each leaves sooner.");
  }

  private static void add(
      List<Series> series, String name, Style style, int color, double[] values, double widthMs) {
    if (values.length > 1) {
      double[] seconds = new double[values.length + 1]; // nothing is there at 0
      double[] held = new double[values.length + 1];
      for (int i = 0; i < values.length; i++) {
        seconds[i + 1] = (i + 0.5) * widthMs / 1e3;
        held[i + 1] = values[i];
      }
      series.add(new Series(name, style, color, seconds, held));
    }
  }
}
