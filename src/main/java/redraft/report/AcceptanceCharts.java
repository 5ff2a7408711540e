package redraft.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import redraft.report.Chart.Series;
import redraft.report.Chart.Style;
import redraft.study.Comparison;
import redraft.study.HistogramRow;

/** Charts of what steps accept, the trace beside synthetic acceptance. */
public final class AcceptanceCharts {
  private AcceptanceCharts() {}

  /**
   * P(accepted ≥ i) by position in the block, the trace beside synthetic acceptance.
   *
   * @param rows of one domain at one draft length
   */
  public static Chart jointAcceptance(List<HistogramRow> rows, String setting) {
    return acceptance(
        "acceptance-joint",
        "Joint acceptance: " + setting,
        "P(at least i tokens accepted)",
        rows,
        "Share of steps that accept position i and everything before it.",
        AcceptanceCharts::joint,
        ChartFindings::byPosition);
  }

  /** P(accepted ≥ i | accepted ≥ i − 1), as {@link #jointAcceptance}. */
  public static Chart conditionalAcceptance(List<HistogramRow> rows, String setting) {
    return acceptance(
        "acceptance-conditional",
        "Conditional acceptance: " + setting,
        "P(position i accepted | those before it were)",
        rows,
        "A constant acceptance rate is a horizontal line; a recorded one seldom is.",
        shares -> {
          double[] joint = joint(shares);
          double[] conditional = new double[joint.length];
          for (int i = 0; i < joint.length; i++) {
            double before = i == 0 ? 1 : joint[i - 1];
            conditional[i] = before == 0 ? Double.NaN : joint[i] / before;
          }
          return conditional;
        },
        conditional -> conditional.length < 2 ? null : ChartFindings.onceReached(conditional));
  }

  private static Chart acceptance(
      String name,
      String title,
      String yTitle,
      List<HistogramRow> rows,
      String caption,
      Function<double[], double[]> of,
      Function<double[], String> finding) {
    List<Series> series = new ArrayList<>();
    shares(rows)
        .forEach(
            (source, shares) -> {
              double[] y = of.apply(shares);
              int known =
                  (int) IntStream.range(0, y.length).filter(i -> !Double.isNaN(y[i])).count();
              series.add(
                  new Series(
                      source,
                      source.equals(Comparison.FORMULA) ? Style.DASHED : Style.LINE,
                      color(source, series),
                      IntStream.rangeClosed(1, known).asDoubleStream().toArray(),
                      Arrays.copyOf(y, known))); // nothing gets beyond
            });
    String found =
        series.stream()
            .filter(one -> one.color() == Chart.INK && one.y().length > 0)
            .findFirst()
            .map(one -> finding.apply(one.y()))
            .orElse(null);
    return new Chart(
        name,
        found == null ? title : ChartFindings.title(found, title),
        "position i in the drafted block",
        yTitle,
        null,
        series,
        caption);
  }

  /** P(accepted ≥ i) for i = 1 … K, from P(accepted = j) for j = 0 … K. */
  private static double[] joint(double[] shares) {
    double[] joint = new double[shares.length - 1];
    double sum = 0;
    for (int i = joint.length; i > 0; i--) {
      sum += shares[i];
      joint[i - 1] = sum;
    }
    return joint;
  }

  private static Map<String, double[]> shares(List<HistogramRow> rows) {
    Map<String, double[]> shares = new LinkedHashMap<>();
    Charts.groups(rows, HistogramRow::source)
        .forEach((source, own) -> shares.put(source, Charts.values(own, HistogramRow::share)));
    return shares;
  }

  /**
   * How often steps accept 0, 1, 2, … tokens, the trace beside synthetic acceptance.
   *
   * @param rows of one domain at one draft length
   */
  public static Chart acceptedCounts(List<HistogramRow> rows, String setting) {
    List<Series> series = new ArrayList<>();
    shares(rows)
        .forEach(
            (source, shares) ->
                series.add(new Series(source, Style.BARS, color(source, series), null, shares)));
    String title = "Accepted tokens a step: " + setting;
    double[] own = shares(rows).get(Comparison.TRACE);
    return new Chart(
        "accepted-counts",
        own == null ? title : ChartFindings.title(ChartFindings.counts(own), title),
        "accepted tokens j of a step",
        "share of steps P(accepted = j)",
        rows.stream().map(row -> Integer.toString(row.accepted())).distinct().toList(),
        series,
        "Two sources with the same mean can differ in every bar.");
  }

  /** Of a synthetic source the next after those before it. */
  private static int color(String source, List<Series> before) {
    return source.equals(Comparison.TRACE)
        ? Chart.INK
        : source.equals(Comparison.FORMULA)
            ? Chart.FORMULA
            : (int)
                before.stream()
                    .filter(one -> one.color() != Chart.INK && one.color() != Chart.FORMULA)
                    .count();
  }
}
