package redraft.report;

import static redraft.report.TextTable.number;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import redraft.validation.LayerRow;
import redraft.validation.Published;
import redraft.validation.PublishedRow;
import redraft.validation.ValidationRow;

/** Predictions beside measurements, for people: rounded. */
public final class ValidationTables {
  private ValidationTables() {}

  /** A line for each way to decode each domain. */
  public static TextTable rows(List<ValidationRow> rows) {
    TextTable table =
        new TextTable(
            "domain",
            "temperature",
            "rule",
            "K",
            "tokens/step",
            "measured",
            "95% of difference",
            "within",
            "speedup",
            "measured",
            "95% interval",
            "quartiles",
            "error");
    for (ValidationRow row : rows) {
      table.add(
          row.domain(),
          number(row.temperature(), 1),
          row.rule(),
          Integer.toString(row.draftLength()),
          number(row.tokens().predicted(), 3),
          number(row.tokens().measured(), 3),
          TextTable.interval(row.tokens().difference().low(), row.tokens().difference().high(), 3),
          row.withinInterval() ? "yes" : "no",
          number(row.speedups().predicted(), 3),
          number(row.speedups().measured(), 3),
          TextTable.interval(row.speedups().interval().low(), row.speedups().interval().high(), 2),
          TextTable.interval(
              row.speedups().quartiles().low(), row.speedups().quartiles().high(), 2),
          percent(row.speedupError()));
    }
    return table.labels("domain", "temperature", "rule", "K");
  }

  /** The errors over all cells, and over those of one temperature. */
  public static TextTable summary(List<ValidationRow> rows) {
    TextTable table =
        new TextTable(
            "cells",
            "number",
            "tokens/step within",
            "mean |speedup error|",
            "mean speedup error",
            "largest");
    add(table, "all", rows, row -> true);
    rows.stream()
        .map(ValidationRow::temperature)
        .distinct()
        .sorted()
        .forEach(t -> add(table, "temperature " + t, rows, row -> row.temperature() == t));
    rows.stream()
        .map(ValidationRow::domain)
        .distinct()
        .forEach(domain -> add(table, domain, rows, row -> row.domain().equals(domain)));
    return table;
  }

  private static void add(
      TextTable table, String name, List<ValidationRow> rows, Predicate<ValidationRow> wanted) {
    List<ValidationRow> cells = rows.stream().filter(wanted).toList();
    long within = cells.stream().filter(ValidationRow::withinInterval).count();
    double[] errors = cells.stream().mapToDouble(ValidationRow::speedupError).toArray();
    double sum = 0;
    double absolute = 0;
    double largest = 0;
    for (double error : errors) {
      sum += error;
      absolute += Math.abs(error);
      largest = Math.max(largest, Math.abs(error));
    }
    table.add(
        name,
        Integer.toString(cells.size()),
        within + " of " + cells.size(),
        number(100 * absolute / errors.length, 1) + "%",
        percent(sum / errors.length),
        number(100 * largest, 1) + "%");
  }

  /** Published speedups, the formula's and the roofline's beside them. */
  public static String published(Published published, Screen screen) {
    TextTable speedups =
        new TextTable(
                "source",
                "target",
                "draft",
                "task",
                "T",
                "K",
                "α",
                "c",
                "published",
                "formula",
                "error",
                "roofline c",
                "roofline",
                "error",
                "note")
            .labels("source", "target", "draft", "task", "T", "K", "α", "c");
    TextTable baselines =
        new TextTable(
                "source", "hardware", "target", "published ms/token", "roofline", "error", "note")
            .labels("source", "hardware", "target");
    Map<String, Integer> notes = new LinkedHashMap<>();
    for (PublishedRow row : published.rows()) {
      String note =
          row.note() == null
              ? ""
              : notes.computeIfAbsent(row.note(), text -> notes.size() + 1).toString();
      PublishedRow.Experiment experiment = row.experiment();
      PublishedRow.Measured measured = row.measured();
      speedups.add(
          author(experiment.source()),
          experiment.target(),
          experiment.draft(),
          experiment.task(),
          experiment.temperature(),
          measured.draftLength() == null ? "–" : measured.draftLength().toString(),
          row.formula().impliedAcceptance() == null
              ? number(measured.acceptance(), 2)
              : "(" + number(row.formula().impliedAcceptance(), 2) + ")",
          number(measured.costRatio(), 3),
          number(measured.speedup(), 2),
          number(row.formula().speedup(), 2),
          error(row.formulaError()),
          number(row.roofline().costRatio(), 3),
          number(row.roofline().speedup(), 2),
          error(row.rooflineError()),
          note);
      if (row.roofline().baselineMs() != null) {
        baselines.add(
            author(experiment.source()),
            experiment.hardware(),
            experiment.target(),
            number(measured.baselineMs(), 2),
            number(row.roofline().baselineMs(), 2),
            error(row.baselineError()),
            note);
      }
    }
    StringBuilder text = new StringBuilder();
    text.append("Speedups (α in brackets: what the formula needs for the published speedup)\n\n")
        .append(speedups.on(screen))
        .append("\nMean |error| of the formula: ")
        .append(meanError(published.rows(), PublishedRow::formulaError))
        .append("\nMean |error| of the roofline with the published α: ")
        .append(meanError(published.rows(), PublishedRow::rooflineError))
        .append("\n\nPlain decoding\n\n")
        .append(baselines.on(screen))
        .append("\nMean |error|: ")
        .append(meanError(published.rows(), PublishedRow::baselineError))
        .append("\n\nMatrix products of one layer (")
        .append(published.layersSource())
        .append(")\n\n")
        .append(layers(published.layers()).on(screen))
        .append("\nMean |error|: ")
        .append(meanError(published.layers(), LayerRow::error))
        .append(", of rows that the roofline's three constants were fitted to\n\n");
    notes.forEach((note, number) -> text.append(number + " " + note + "\n"));
    return text.toString();
  }

  /** The first words of a source, up to its first comma. */
  private static String author(String source) {
    return source.split(",", 2)[0];
  }

  private static String error(Double error) {
    return error == null ? "–" : percent(error);
  }

  private static <T> String meanError(List<T> rows, Function<T, Double> error) {
    List<Double> errors = rows.stream().map(error).filter(Objects::nonNull).toList();
    double sum = errors.stream().mapToDouble(Math::abs).sum();
    return number(100 * sum / errors.size(), 1) + "% of " + errors.size() + " rows";
  }

  private static TextTable layers(List<LayerRow> layers) {
    TextTable table =
        new TextTable("hardware", "model", "rows", "published ms", "roofline", "error");
    for (LayerRow row : layers) {
      table.add(
          row.hardware(),
          row.model(),
          Integer.toString(row.rows()),
          number(row.publishedMs(), 3),
          number(row.rooflineMs(), 3),
          percent(row.error()));
    }
    return table.labels("hardware", "model");
  }

  static String percent(double ratio) {
    return String.format(Locale.ROOT, "%+.1f%%", 100 * ratio);
  }
}
