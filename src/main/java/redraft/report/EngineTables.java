package redraft.report;

import static redraft.report.TextTable.number;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import redraft.latency.CostError;
import redraft.latency.Engine;
import redraft.latency.Engines;
import redraft.validation.LengthChoice;
import redraft.validation.MeasuredRun;
import redraft.validation.MeasuredRuns;
import redraft.validation.RunPrediction;

/** Serving engines, and measured runs beside what they predict of them, for people: rounded. */
public final class EngineTables {
  private EngineTables() {}

  /** Every run, then what they come to. */
  public static String all(List<RunPrediction> predictions, Screen screen) {
    StringBuilder text = new StringBuilder();
    text.append(rows(predictions).on(screen)).append('\n');
    text.append(summary(predictions).on(screen)).append('\n');
    text.append(sources(predictions).on(screen));
    List<LengthChoice> choices = MeasuredRuns.choices(predictions);
    if (!choices.isEmpty()) {
      text.append('\n').append(choices(choices));
    }
    return text.toString();
  }

  private static TextTable rows(List<RunPrediction> predictions) {
    TextTable table =
        new TextTable(
            "run",
            "engine",
            "hardware",
            "target",
            "draft",
            "batch",
            "K",
            "tokens/step",
            "predicted",
            "measured",
            "error",
            "verdict");
    for (RunPrediction each : predictions) {
      MeasuredRun run = each.run();
      table.add(
          each.run().id(),
          run.setup().engine(),
          run.setup().hardware(),
          run.setup().target(),
          run.setup().draft(),
          Integer.toString(run.load().batch()),
          Integer.toString(run.load().draftLength()),
          number(run.measured().tokensPerStep(), 2),
          number(each.predicted(), 2),
          number(each.measured(), 2),
          each.predicted() == null ? "–" : ValidationTables.percent(each.error()),
          each.predicted() == null
              ? "not priced"
              : each.tooClose() ? "close" : each.verdictRight() ? "right" : "wrong");
    }
    return table.labels("run", "engine", "hardware", "target", "draft", "batch", "K");
  }

  private static TextTable summary(List<RunPrediction> predictions) {
    TextTable table = table("engine, batch");
    List<String> engines =
        predictions.stream().map(each -> each.run().setup().engine()).distinct().sorted().toList();
    for (String engine : engines) {
      Predicate<RunPrediction> of = each -> each.run().setup().engine().equals(engine);
      add(table, engine + ", 1", predictions, of.and(each -> each.run().load().batch() == 1));
      add(table, engine + ", above 1", predictions, of.and(each -> each.run().load().batch() > 1));
    }
    add(table, "all, source left out of the fit", predictions, RunPrediction::held);
    add(table, "all, source never in the fit", predictions, each -> !each.held());
    add(table, "all", predictions, each -> true);
    return table;
  }

  private static TextTable sources(List<RunPrediction> predictions) {
    TextTable table = table("source");
    predictions.stream()
        .map(each -> each.run().source())
        .distinct()
        .sorted()
        .forEach(
            source -> add(table, source, predictions, each -> each.run().source().equals(source)));
    return table;
  }

  private static TextTable table(String title) {
    return new TextTable(title, "runs", "mean |error|", "median error", "verdict right");
  }

  private static void add(
      TextTable table,
      String name,
      List<RunPrediction> predictions,
      Predicate<RunPrediction> wanted) {
    List<RunPrediction> priced =
        predictions.stream().filter(each -> each.predicted() != null).filter(wanted).toList();
    if (priced.isEmpty()) {
      return;
    }
    double[] errors = priced.stream().mapToDouble(RunPrediction::error).sorted().toArray();
    int middle = errors.length / 2;
    double median =
        errors.length % 2 == 1 ? errors[middle] : (errors[middle - 1] + errors[middle]) / 2;
    List<RunPrediction> clear = priced.stream().filter(each -> !each.tooClose()).toList();
    table.add(
        name,
        Integer.toString(priced.size()),
        number(100 * Arrays.stream(errors).map(Math::abs).average().orElseThrow(), 1) + "%",
        ValidationTables.percent(median),
        clear.stream().filter(RunPrediction::verdictRight).count() + " of " + clear.size());
  }

  private static String choices(List<LengthChoice> choices) {
    return String.format(
        Locale.ROOT,
        "Draft length: in %d settings measured at several, the one that predictions choose loses %.1f%% of the best measured "
            + "speedup on average, %.1f%% at most; it is the best in %d.%n",
        choices.size(),
        100 * choices.stream().mapToDouble(LengthChoice::lost).average().orElseThrow(),
        100 * choices.stream().mapToDouble(LengthChoice::lost).max().orElseThrow(),
        choices.stream().filter(choice -> choice.lost() == 0).count());
  }

  /** What every engine adds to the roofline, and how far off predictions with it are. */
  public static TextTable engines() {
    TextTable table =
        new TextTable("engine", "rule", "runs", "ln error", "with heads", "ln error", "costs");
    for (Engine engine : Engines.REGISTRY.all()) {
      table.add(
          engine.name(),
          engine.rule() == null ? "–" : engine.rule(),
          Integer.toString(engine.error().rows()),
          plain(engine.error()),
          Integer.toString(engine.headError().rows()),
          plain(engine.headError()),
          engine.ideal()
              ? "none"
              : engine.like() == null
                  ? Integer.toString(engine.costs().size())
                  : "as " + engine.like());
    }
    return table;
  }

  private static String plain(CostError error) {
    return String.format(Locale.ROOT, "%+.2f ± %.2f", error.bias(), error.spread());
  }

  /** One engine with the source of every number. */
  static String explain(Engine engine, Screen screen) {
    TextTable table =
        new TextTable("cost", "value", "expected", "spread", "confidence", "date", "source");
    engine.costs().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            cost ->
                table.add(
                    cost.getKey().field(),
                    number(cost.getValue().fitted(), 4),
                    number(cost.getValue().expected().value(), 4),
                    number(cost.getValue().spread(), 1),
                    cost.getValue().expected().confidence(),
                    cost.getValue().expected().date(),
                    cost.getValue().expected().source()));
    return engine.name()
        + ": "
        + engine.title()
        + "\n"
        + (engine.rule() == null ? "" : "Rule: " + engine.rule() + ". ")
        + engine.source().text()
        + " ("
        + engine.source().date()
        + ", "
        + engine.source().confidence()
        + ")\n\n"
        + (engine.ideal()
            ? ""
            : table.on(screen) + "\nValues are fitted to published runs from what was expected; ")
        + "ln(predicted / measured) of speedups: with draft models "
        + error(engine.error())
        + ", with heads "
        + error(engine.headError())
        + " (redraft validate --published)\n";
  }

  private static String error(CostError error) {
    return String.format(Locale.ROOT, "%+.3f ± %.3f", error.bias(), error.spread())
        + (error.rows() == 0
            ? ", taken from all engines"
            : " over " + error.rows() + " runs of " + error.sources() + " sources");
  }
}
