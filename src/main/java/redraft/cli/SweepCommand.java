package redraft.cli;

import static redraft.report.TextTable.number;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import redraft.latency.LatencyModel;
import redraft.latency.LatencyModels;
import redraft.metrics.ReplayRow;
import redraft.report.Columns;
import redraft.report.TextTable;
import redraft.study.Grid;
import redraft.study.ReplayStudy;
import redraft.study.Sweep;

@Command(
    name = "sweep",
    description = {
      "Replays traces over a whole grid: draft lengths × rules × batches × contexts × hardware × pairs of model sizes, "
          + "and writes a row for each, with the columns of replay.",
      "",
      "Prints the best setting of every deployment, and whether its memory holds weights and caches. Where nothing says what "
          + "passes cost the grid has six pairs on hardware that holds them."
    },
    footer = {
      "",
      "Examples:",
      "  redraft sweep traces/tiny-t1.jsonl.gz --csv out/sweep.csv",
      "  redraft sweep traces/tiny-t1.jsonl.gz --csv out/sweep.csv --hardware h100-sxmx4,h200x2,mi300x --batch 1,4,16,64,256 \\",
      "      --target-model llama-3.1-70b --draft-model llama-3.2-1b --context 512,4096,32768"
    })
final class SweepCommand extends TraceCommand {
  private static final List<String> PAIRS =
      List.of(
          "llama-3.1-70b+llama-3.2-1b@h100x4",
          "llama-3.1-70b+llama-3.2-1b@mi300x",
          "llama-3.1-8b+llama-3.2-1b@h100",
          "llama-3.1-8b+llama-3.2-1b@a100",
          "llama-3.1-8b+llama-3.2-1b@l40s",
          "qwen2.5-32b+qwen2.5-0.5b@h200");
  private static final List<Integer> BATCHES = List.of(1, 4, 16, 64, 256);
  private static final List<Integer> CONTEXTS = List.of(256, 2048);
  private static final int LONGEST_DRAFT = 10;

  @Parameters(paramLabel = "TRACE", arity = "0..*", description = TRACE)
  private List<String> traces;

  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws IOException {
    long started = System.nanoTime();
    output.check();
    if (!output.wanted()) {
      throw new IllegalArgumentException(
          "a sweep writes a row for every configuration: name --csv FILE or --json FILE (- for standard output)");
    }
    List<LatencyModel> usual = new ArrayList<>();
    if (!deployment.given()) {
      for (String pair : PAIRS) {
        usual.add(LatencyModels.load(pair));
      }
    }
    GridOptions.Defaults defaults =
        new GridOptions.Defaults(GridOptions.Defaults.CHOOSE.rules(), LONGEST_DRAFT);
    Grid wanted =
        grid.grid(
            defaults, List.of("fixed"), deployment.orElse(usual, BATCHES, CONTEXTS, reach), reach);
    List<ReplayRow> rows = new ArrayList<>();
    List<ReplayRow> best = new ArrayList<>();
    note(accepted.notes(wanted, null));
    for (String trace : accepted.orTyped(traces)) {
      ReplayStudy study =
          ask(
              trace,
              wanted,
              (source, progress) ->
                  ReplayStudy.of(
                      source, wanted, ReplayStudy.Basis.exact(output.byDomain), progress));
      rows.addAll(study.rows());
      best.addAll(Sweep.best(study.rows()));
      note(study.notes().stream().filter(note -> !isShortfall(note, study)).toList());
    }
    output.write(Columns.REPLAY, rows);
    if (output.table()) {
      out().print(table(best).on(Terminal.screen()));
      if (best.stream().anyMatch(row -> row.shortfall() != null)) {
        out().println("!: weights and caches do not fit in the memory of the hardware.");
      }
      out().println();
      out()
          .printf(
              Locale.ROOT,
              "%d configurations in %.1f s%s%n",
              rows.size(),
              (System.nanoTime() - started) / 1e9,
              output.csvFile() == null ? "" : ": " + output.csvFile());
    }
    return 0;
  }

  /** The table has a column for what does not fit. */
  private static boolean isShortfall(String note, ReplayStudy study) {
    return study.rows().stream().anyMatch(row -> note.equals(row.shortfall()));
  }

  private static TextTable table(List<ReplayRow> best) {
    TextTable table =
        new TextTable(
            "trace",
            "hardware",
            "target",
            "draft",
            "batch",
            "context",
            "rule",
            "K",
            "tokens/step",
            "speedup",
            "95% interval",
            "tokens/s",
            "USD/M tokens",
            "");
    for (ReplayRow row : best) {
      table.add(
          row.trace(),
          row.hardware(),
          row.targetModel(),
          row.draftModel(),
          Integer.toString(row.batch()),
          row.context() == null ? "–" : row.context().toString(),
          row.rule(),
          row.draftLength().toString(),
          number(row.tokensPerStep(), 3),
          number(row.speedup(), 3),
          TextTable.interval(row.speedupLow(), row.speedupHigh(), 3),
          number(row.tokensPerSecond(), 0),
          number(row.usdPerMillionTokens(), 3),
          row.shortfall() == null ? "" : "!");
    }
    return table.labels("trace", "hardware", "target", "draft", "batch", "context", "rule", "K");
  }
}
