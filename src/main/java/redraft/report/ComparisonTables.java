package redraft.report;

import static redraft.report.TextTable.number;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import redraft.metrics.Interval;
import redraft.study.Comparison;
import redraft.study.ComparisonRow;
import redraft.study.HistogramRow;

/** What a comparison of a trace with synthetic acceptance says, for people: rounded. */
public final class ComparisonTables {
  private ComparisonTables() {}

  /** Each source at the draft length that it would choose, and what the trace makes of that. */
  public static TextTable choices(List<ComparisonRow> rows) {
    TextTable table =
        new TextTable(
            "domain",
            "source",
            "schedule",
            "best K",
            "tokens/step",
            "predicted speedup",
            "recorded speedup",
            "95% interval",
            "lost",
            "kept",
            "distance",
            "at K");
    for (ComparisonRow chosen : filtered(rows, ComparisonRow::chosen)) {
      int compared = bestLength(rows, chosen.domain());
      ComparisonRow there =
          filtered(
                  rows,
                  row ->
                      row.domain().equals(chosen.domain())
                          && row.source().equals(chosen.source())
                          && row.draftLength() == compared)
              .get(0);
      table.add(
          chosen.domain(),
          chosen.source(),
          chosen.choice().schedule(),
          Integer.toString(chosen.draftLength()),
          number(chosen.predicted().tokensPerStep(), 3),
          number(chosen.speedup(), 3),
          number(chosen.recorded().speedup(), 3),
          TextTable.interval(
              Interval.low(chosen.recorded().interval()),
              Interval.high(chosen.recorded().interval()),
              2),
          number(chosen.recorded().lost(), 3),
          number(chosen.recorded().kept(), 3),
          number(there.totalVariation(), 3),
          Integer.toString(compared));
    }
    return table.labels("domain", "source", "at K");
  }

  /** The trace's own best draft length. */
  private static int bestLength(List<ComparisonRow> rows, String domain) {
    return filtered(
            rows,
            row ->
                row.domain().equals(domain)
                    && row.source().equals(Comparison.TRACE)
                    && row.chosen())
        .get(0)
        .draftLength();
  }

  private static <T> List<T> filtered(List<T> rows, Predicate<T> wanted) {
    return rows.stream().filter(wanted).toList();
  }

  /** The speedup of every source, a column for each draft length. */
  public static TextTable speedups(List<ComparisonRow> rows) {
    return pivot(
        List.of("domain", "source"),
        rows,
        row -> List.of(row.domain(), row.source()),
        row -> "K=" + row.draftLength(),
        row -> number(row.speedup(), 3));
  }

  /** P(accepted = j) at the trace's own best draft length, a column for each source. */
  public static TextTable histograms(List<HistogramRow> histograms, List<ComparisonRow> rows) {
    return pivot(
        List.of("domain", "K", "j"),
        filtered(histograms, row -> row.draftLength() == bestLength(rows, row.domain())),
        row ->
            List.of(
                row.domain(),
                Integer.toString(row.draftLength()),
                Integer.toString(row.accepted())),
        HistogramRow::source,
        row -> number(row.share(), 4));
  }

  /** A line for each key and a column for each heading, in the order in which they come. */
  private static <T> TextTable pivot(
      List<String> keyTitles,
      List<T> rows,
      Function<T, List<String>> key,
      Function<T, String> heading,
      Function<T, String> cell) {
    Map<List<String>, Map<String, String>> lines = new LinkedHashMap<>();
    for (T row : rows) {
      lines
          .computeIfAbsent(key.apply(row), k -> new LinkedHashMap<>())
          .put(heading.apply(row), cell.apply(row));
    }
    List<String> headings = rows.stream().map(heading).distinct().toList();
    TextTable table = new TextTable(joined(keyTitles, headings));
    lines.forEach(
        (keys, cells) ->
            table.add(
                joined(keys, headings.stream().map(h -> cells.getOrDefault(h, "–")).toList())));
    return table.labels(keyTitles.toArray(String[]::new));
  }

  private static String[] joined(List<String> a, List<String> b) {
    List<String> all = new ArrayList<>(a);
    all.addAll(b);
    return all.toArray(String[]::new);
  }
}
