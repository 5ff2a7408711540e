package redraft.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import redraft.latency.LatencyModel;
import redraft.metrics.Metrics;
import redraft.metrics.ReplayRow;
import redraft.report.Chart.Series;
import redraft.report.Chart.Style;
import redraft.trace.ReservedNames;
import redraft.validation.ValidationRow;

/**
 * Charts of what decoding gains: speedups, prices of tokens, and predictions beside measurements. A
 * colour means the same in all of them.
 */
public final class Charts {
  private static final String SPEEDUP = "speedup over plain decoding (×)";
  private static final String DRAFT_LENGTH = "draft length K (tokens)";

  private static final double WIDEST_BAND = 4; // upper end / speedup
  private static final int CURVE = 30; // straight pieces that a curve is drawn with

  private Charts() {}

  /**
   * Speedup against draft length, a line for each domain and one for all of them, with intervals.
   *
   * @param rows of one draft under one rule and one deployment
   * @param setting what the title says of them
   */
  public static Chart speedupByDraftLength(List<ReplayRow> rows, String setting) {
    List<Series> series = new ArrayList<>();
    int color = 0;
    for (var entry : groups(rows, ReplayRow::domain).entrySet()) {
      boolean all = entry.getKey().equals(ReservedNames.ALL_DOMAINS);
      series.add(
          speedups(
              entry.getKey(), all ? Chart.INK : color++, entry.getValue(), ReplayRow::draftLength));
    }
    series.add(breakEven(rows, ReplayRow::draftLength));
    return new Chart(
        "speedup-by-draft-length",
        ChartFindings.title(
            ChartFindings.byDraftLength(rows), "Speedup by draft length: " + setting),
        DRAFT_LENGTH,
        SPEEDUP,
        null,
        series,
        "Above the dotted line speculation is faster, at these costs. Bands are 95% intervals over prompts: how far the "
            + "line would move with other prompts of the same kind; too few prompts have no band.");
  }

  /** One line for each deployment instead of each domain. */
  public static Chart speedupByHardware(List<ReplayRow> rows, String setting) {
    List<Series> series = new ArrayList<>();
    int color = 0;
    for (var entry : groups(rows, hardware(rows)).entrySet()) {
      series.add(speedups(entry.getKey(), color++, entry.getValue(), ReplayRow::draftLength));
    }
    series.add(breakEven(rows, ReplayRow::draftLength));
    return new Chart(
        "speedup-by-hardware",
        "Speedup by hardware: " + setting,
        DRAFT_LENGTH,
        SPEEDUP,
        null,
        series,
        "The same accepted tokens at different costs. Each line peaks where one more drafted token "
            + "no longer pays on that hardware.");
  }

  /**
   * The name of what a row costs: the hardware, and the models where costs are of several. Two
   * latency models stay two where their names are one.
   */
  private static Function<ReplayRow, String> hardware(List<ReplayRow> rows) {
    Function<ReplayRow, String> models = row -> row.targetModel() + " + " + row.draftModel();
    Function<ReplayRow, String> name =
        rows.stream().map(models).distinct().count() == 1
            ? ReplayRow::hardware
            : row -> row.hardware() + ", " + models.apply(row);
    Map<String, List<LatencyModel>> alike = new LinkedHashMap<>();
    for (ReplayRow row : rows) {
      List<LatencyModel> known = alike.computeIfAbsent(name.apply(row), key -> new ArrayList<>());
      if (!known.contains(row.deployment().latency())) {
        known.add(row.deployment().latency());
      }
    }
    return row -> {
      int place = alike.get(name.apply(row)).indexOf(row.deployment().latency());
      return name.apply(row) + (place == 0 ? "" : " (" + (place + 1) + ")");
    };
  }

  private static Series speedups(
      String name, int color, List<ReplayRow> rows, ToDoubleFunction<ReplayRow> x) {
    return new Series(
        name,
        Style.LINE,
        color,
        values(rows, x),
        values(rows, ReplayRow::speedup),
        ends(rows, ReplayRow::speedupLow),
        ends(rows, ReplayRow::speedupHigh));
  }

  /**
   * Ends of intervals; null where rows have none, and where an interval is so wide, over a handful
   * of prompts, that nothing else could be told apart beside it.
   */
  private static double[] ends(List<ReplayRow> rows, Function<ReplayRow, Double> end) {
    boolean useless =
        rows.stream()
            .anyMatch(
                row ->
                    row.speedupHigh() == null || row.speedupHigh() > WIDEST_BAND * row.speedup());
    return useless ? null : values(rows, row -> end.apply(row));
  }

  private static Series breakEven(List<ReplayRow> rows, ToDoubleFunction<ReplayRow> x) {
    return breakEven(
        rows.stream().mapToDouble(x).min().orElse(0), rows.stream().mapToDouble(x).max().orElse(1));
  }

  private static Series breakEven(double from, double to) {
    return new Series(
        "plain decoding", Style.REFERENCE, Chart.INK, new double[] {from, to}, new double[] {1, 1});
  }

  /**
   * Speedup against overlap at one draft length: a point for each domain, beside the curve that
   * independent acceptance would give.
   *
   * @param rows of one draft under one rule at one draft length and deployment; their overlap is
   *     known
   * @param stepCost of the curve: a speculative step / a step of plain decoding
   */
  public static Chart speedupByOverlap(List<ReplayRow> rows, double stepCost, String setting) {
    int draftLength = rows.get(0).draftLength();
    double least = rows.stream().mapToDouble(ReplayRow::overlap).min().orElse(0) - 0.1;
    double from = Math.floor(Math.max(0, least) * 10) / 10;
    double[] x =
        IntStream.rangeClosed(0, CURVE).mapToDouble(i -> from + (1 - from) * i / CURVE).toArray();
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = Metrics.independentTokensPerStep(x[i], draftLength) / stepCost;
    }
    List<Series> series = new ArrayList<>();
    series.add(new Series("i.i.d. formula", Style.DASHED, Chart.FORMULA, x, y));
    int color = 0;
    for (var entry : groups(rows, ReplayRow::domain).entrySet()) {
      boolean all = entry.getKey().equals(ReservedNames.ALL_DOMAINS);
      List<ReplayRow> row = entry.getValue();
      series.add(
          new Series(
              entry.getKey(),
              Style.POINTS,
              all ? Chart.INK : color++,
              values(row, ReplayRow::overlap),
              values(row, ReplayRow::speedup),
              ends(row, ReplayRow::speedupLow),
              ends(row, ReplayRow::speedupHigh)));
    }
    series.add(breakEven(from, 1));
    return new Chart(
        "speedup-by-overlap",
        "Acceptance and speedup: " + setting,
        "overlap Σ min(p, q), mean over positions",
        SPEEDUP,
        null,
        series,
        "The dashed curve is what independent acceptance at that overlap would give; points are the "
            + "recording. How far a point is off its curve is what a typed-in acceptance rate gets wrong.");
  }

  /**
   * Speedup against batch size at the best draft length of each batch, a line for each deployment.
   *
   * @param rows of one draft under one rule and one domain
   */
  public static Chart speedupByBatch(List<ReplayRow> rows, String setting) {
    List<Integer> batches = rows.stream().map(ReplayRow::batch).distinct().sorted().toList();
    ToDoubleFunction<ReplayRow> place = row -> batches.indexOf(row.batch());
    List<Series> series = new ArrayList<>();
    int color = 0;
    for (var entry : groups(rows, hardware(rows)).entrySet()) {
      List<ReplayRow> best =
          groups(entry.getValue(), ReplayRow::batch).values().stream()
              .map(ReplayRow::fastest)
              .toList();
      series.add(speedups(entry.getKey(), color++, best, place));
    }
    if (series.size() == 1) { // what holding one draft length costs
      Series best = series.remove(0);
      series.add(
          new Series("best K", Style.LINE, Chart.INK, best.x(), best.y(), best.low(), best.high()));
      for (int length : List.of(1, 2, 4, 8)) {
        List<ReplayRow> fixed = filtered(rows, row -> row.draftLength() == length);
        if (!fixed.isEmpty()) {
          series.add(
              new Series(
                  "K = " + length,
                  Style.LINE,
                  series.size() - 1, // "best K" is in ink
                  values(fixed, place),
                  values(fixed, ReplayRow::speedup)));
        }
      }
    }
    series.add(breakEven(0, batches.size() - 1));
    List<ReplayRow> best =
        groups(rows, ReplayRow::batch).values().stream().map(ReplayRow::fastest).toList();
    String title = "Speedup by batch size: " + setting;
    return new Chart(
        "speedup-by-batch",
        groups(rows, hardware(rows)).size() == 1
            ? ChartFindings.title(ChartFindings.byBatch(best), title)
            : title,
        "sequences decoded together (batch)",
        SPEEDUP,
        batches.stream().map(Object::toString).toList(),
        series,
        "Verification of K + 1 tokens is nearly free while a pass waits for memory, and no longer free "
            + "once the batch keeps the arithmetic busy. Below the dotted line speculation costs time. Batches that "
            + "do not fit into memory are left out.");
  }

  /** US dollars for a million tokens against draft length, a line for each deployment. */
  public static Chart priceByDraftLength(List<ReplayRow> rows, String setting) {
    List<Series> series = new ArrayList<>();
    int color = 0;
    for (var entry : groups(rows, hardware(rows)).entrySet()) {
      List<ReplayRow> own = entry.getValue();
      series.add(
          new Series(
              entry.getKey(),
              Style.LINE,
              color,
              values(own, ReplayRow::draftLength),
              values(own, ReplayRow::usdPerMillionTokens)));
      series.add(
          new Series(
              entry.getKey() + ", plain",
              Style.REFERENCE,
              color++,
              values(own, ReplayRow::draftLength),
              values(own, ReplayRow::baselineUsdPerMillionTokens)));
    }
    return new Chart(
        "price-by-draft-length",
        ChartFindings.title(ChartFindings.byPrice(rows), "Price of tokens: " + setting),
        DRAFT_LENGTH,
        "US dollars for a million tokens",
        null,
        series,
        "Decoding only. Dotted lines are plain decoding on the same hardware.");
  }

  /** The speedups of live runs, by domain, against what replay predicts of them. */
  public static Chart validation(List<ValidationRow> rows) {
    return predictedAgainstMeasured(
        rows.stream()
            .map(
                row ->
                    new Measured(
                        row.domain(),
                        row.speedups().predicted(),
                        row.speedups().measured(),
                        row.speedups().interval().low(),
                        row.speedups().interval().high()))
            .toList(),
        "speedup (×)",
        rows.size() + " ways to decode, live");
  }

  /**
   * Predicted against measured: points by label, beside the line on which they are equal.
   *
   * @param quantity with its unit, such as "speedup (×)"
   */
  public static Chart predictedAgainstMeasured(
      List<Measured> rows, String quantity, String setting) {
    double least =
        rows.stream().mapToDouble(row -> Math.min(row.predicted(), row.measured())).min().orElse(0);
    double most =
        rows.stream().mapToDouble(row -> Math.max(row.predicted(), row.measured())).max().orElse(1);
    double margin = most > least ? (most - least) * 0.1 : Math.max(Math.abs(most), 1) * 0.1;
    double[] ends = {least - margin, most + margin};
    List<Series> series = new ArrayList<>();
    int color = 0;
    for (var entry : groups(rows, Measured::label).entrySet()) {
      series.add(
          new Series(
              entry.getKey(),
              Style.POINTS,
              color++,
              values(entry.getValue(), Measured::predicted),
              values(entry.getValue(), Measured::measured),
              values(entry.getValue(), Measured::measuredLow),
              values(entry.getValue(), Measured::measuredHigh)));
    }
    series.add(new Series("equal", Style.REFERENCE, Chart.INK, ends, ends));
    return new Chart(
        "predicted-against-measured",
        "Predicted and measured: " + setting,
        "predicted " + quantity,
        "measured " + quantity,
        null,
        series,
        "On the dotted line the prediction is right; above it, it was too low.");
  }

  static <T> List<T> filtered(List<T> rows, Predicate<T> wanted) {
    return rows.stream().filter(wanted).toList();
  }

  /** In the order in which the keys come. */
  static <T, K> Map<K, List<T>> groups(List<T> rows, Function<T, K> key) {
    Map<K, List<T>> groups = new LinkedHashMap<>();
    rows.forEach(row -> groups.computeIfAbsent(key.apply(row), k -> new ArrayList<>()).add(row));
    return groups;
  }

  static <T> double[] values(List<T> rows, ToDoubleFunction<T> value) {
    return rows.stream().mapToDouble(value).toArray();
  }
}
