package redraft.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import redraft.metrics.Change;
import redraft.metrics.ReplayRow;
import redraft.report.Chart.Series;
import redraft.report.Chart.Style;
import redraft.study.SideBySide;
import redraft.study.SideBySide.Row;

/** Charts of two recordings: what each gives, and what changed, whose titles say what was found. */
final class SideBySideCharts {
  private static final String CHANGE = "change of the speedup (%)";
  private static final String DRAFT_LENGTH = "draft length K (tokens)";
  private static final int MOST_DOMAINS = 12;

  private SideBySideCharts() {}

  /**
   * @param first what it is called, as {@code second}
   * @param domains at one draft length
   */
  static List<Chart> of(
      SideBySide study,
      String first,
      String second,
      String rule,
      List<Row> domains,
      int draftLength) {
    List<Row> lengths = study.byDraftLength(rule);
    List<Chart> charts = new ArrayList<>();
    charts.add(speedups(lengths, first, second, rule));
    charts.add(
        changes(
            "change-by-draft-length",
            found(lengths, "draft lengths"),
            DRAFT_LENGTH,
            null,
            lengths,
            lengths.stream().mapToDouble(Row::draftLength).toArray()));
    if (domains.size() > 1) {
      List<Row> shown = domains.subList(0, Math.min(MOST_DOMAINS, domains.size()));
      charts.add(
          changes(
              "change-by-domain",
              found(domains, "domains") + " at K\u00a0=\u00a0" + draftLength,
              "domain",
              shown.stream().map(Row::domain).toList(),
              shown,
              IntStream.range(0, shown.size()).asDoubleStream().toArray()));
    }
    return charts;
  }

  private static String found(List<Row> rows, String of) {
    long faster =
        rows.stream().filter(row -> row.difference() == SideBySide.Difference.FASTER).count();
    long slower =
        rows.stream().filter(row -> row.difference() == SideBySide.Difference.SLOWER).count();
    return faster == 0 && slower == 0
        ? "No difference is shown at any of " + rows.size() + " " + of
        : "B is faster at " + faster + " and slower at " + slower + " of " + rows.size() + " " + of;
  }

  private static Chart speedups(List<Row> rows, String first, String second, String rule) {
    double least = rows.stream().mapToDouble(Row::draftLength).min().orElse(0);
    double most = rows.stream().mapToDouble(Row::draftLength).max().orElse(1);
    return new Chart(
        "speedup-by-draft-length",
        "Speedup by draft length, rule " + rule,
        DRAFT_LENGTH,
        "speedup over plain decoding (×)",
        null,
        List.of(
            line("A: " + first, 0, rows, Row::first),
            line("B: " + second, 1, rows, Row::second),
            new Series(
                "plain decoding",
                Style.REFERENCE,
                Chart.INK,
                new double[] {least, most},
                new double[] {1, 1})),
        "Each with its own 95% interval over prompts. Intervals that overlap say nothing of the difference, which the next chart"
            + " shows: prompts that are hard for one are hard for the other.");
  }

  /** A side of the rows. */
  private interface Side {
    ReplayRow of(Row row);
  }

  private static Series line(String name, int color, List<Row> rows, Side side) {
    boolean known = rows.stream().allMatch(row -> side.of(row).speedupLow() != null);
    return new Series(
        name,
        Style.LINE,
        color,
        rows.stream().mapToDouble(Row::draftLength).toArray(),
        rows.stream().mapToDouble(row -> side.of(row).speedup()).toArray(),
        known ? rows.stream().mapToDouble(row -> side.of(row).speedupLow()).toArray() : null,
        known ? rows.stream().mapToDouble(row -> side.of(row).speedupHigh()).toArray() : null);
  }

  private static Chart changes(
      String name,
      String title,
      String xTitle,
      List<String> categories,
      List<Row> rows,
      double[] x) {
    List<Change> changes = rows.stream().map(Row::speedup).toList();
    boolean known = changes.stream().allMatch(change -> change.ratio() != null);
    return new Chart(
        name,
        title,
        xTitle,
        CHANGE,
        categories,
        List.of(
            new Series(
                "B against A",
                Style.POINTS,
                1,
                x,
                changes.stream().mapToDouble(each -> 100 * SideBySideReport.change(each)).toArray(),
                known
                    ? changes.stream()
                        .mapToDouble(each -> 100 * SideBySideReport.low(each))
                        .toArray()
                    : null,
                known
                    ? changes.stream()
                        .mapToDouble(each -> 100 * SideBySideReport.high(each))
                        .toArray()
                    : null),
            new Series(
                "no change",
                Style.REFERENCE,
                Chart.INK,
                new double[] {x[0], x[x.length - 1]},
                new double[] {0, 0})),
        "Above the dotted line B is faster. Bars are 95% intervals of the change"
            + (changes.get(0).paired() ? ", prompt by prompt" : ", unpaired")
            + "; one that holds 0 shows no difference.");
  }
}
