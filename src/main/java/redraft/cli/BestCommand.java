package redraft.cli;

import static redraft.report.TextTable.number;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import redraft.metrics.ReplayRow;
import redraft.report.Columns;
import redraft.report.TextTable;
import redraft.study.BestSetting;
import redraft.study.BestSetting.Batches;
import redraft.study.BestSetting.Verdict;
import redraft.study.Grid;
import redraft.trace.ReservedNames;

@Command(
    name = "best",
    description = {
      "Answers in one line: for this trace, these models and this hardware, which draft length and rule, what speedup with "
          + "what interval, at which batch it stops paying, and the acceptance below which it never pays.",
      "",
      "Draft length and rule are those of the highest expected speedup. Speculation stops paying at the smallest batch at which "
          + "no draft length and rule asked for is faster than plain decoding. The acceptance is that of independent "
          + "acceptances (Leviathan et al. 2023) at the trace's mean context."
    },
    footer = {
      "",
      "Examples:",
      "  redraft best traces/tiny-t1.jsonl.gz --target-model llama-3.1-70b --draft-model llama-3.2-1b --hardware h100-sxmx4",
      "  redraft best traces/tiny-t1.jsonl.gz --latency out/profile.json --rule token",
      "  redraft best traces/tiny-t0.jsonl.gz --cost-ratio 0.1 --draft prompt-lookup"
    })
final class BestCommand extends TraceCommand {
  @Parameters(paramLabel = "TRACE", description = TRACE)
  private String trace;

  @Option(
      names = "--max-batch",
      paramLabel = "B",
      defaultValue = "4096",
      description = "Largest batch that is looked at (default: ${DEFAULT-VALUE}).")
  private int maxBatch;

  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws IOException {
    output.check();
    Grid wanted =
        grid.grid(GridOptions.Defaults.CHOOSE, List.of("fixed"), List.of(deployment.only()));
    BestSetting best =
        ask(trace, (source, progress) -> BestSetting.of(source, wanted, maxBatch, progress));
    note(best.notes());
    List<ReplayRow> rows = output.byDomain ? best.rows() : List.of(best.best());
    output.writeCsv(Columns.REPLAY, rows);
    output.writeJson(json(best));
    if (output.table()) {
      out().println(line(best));
      if (output.byDomain) {
        rows.stream().skip(1).forEach(row -> out().println(row.domain() + ": " + choice(row)));
      }
    }
    return 0;
  }

  private static String line(BestSetting best) {
    ReplayRow row = best.best();
    String models =
        row.targetModel().equals(row.draftModel())
            ? row.targetModel()
            : row.targetModel() + " + " + row.draftModel();
    String least =
        best.acceptance() == null
            ? "no independent acceptance pays"
            : best.acceptance() < 0.0005
                ? "pays at any acceptance"
                : "never pays below an independent acceptance α of " + number(best.acceptance(), 3);
    return row.trace()
        + (row.domain().equals(ReservedNames.ALL_DOMAINS) ? "" : ", domain " + row.domain())
        + ", "
        + models
        + " on "
        + row.hardware()
        + (row.batch() == 1 ? "" : ", batch " + row.batch())
        + ": "
        + choice(row)
        + "; "
        + batches(best.batches())
        + "; "
        + least
        + (row.overlap() == null ? "" : " (overlap here " + number(row.overlap(), 3) + ")");
  }

  private static String choice(ReplayRow row) {
    String setting =
        row.speedup() > 1
            ? "draft " + row.draftLength() + (row.draftLength() == 1 ? " token" : " tokens")
            : "do not speculate; the least bad is draft length " + row.draftLength();
    return setting
        + ", rule "
        + row.rule()
        + ": "
        + number(row.speedup(), 2)
        + " times plain decoding ("
        + (row.speedupLow() == null
            ? "no interval, "
            : "95% interval over prompts "
                + TextTable.interval(row.speedupLow(), row.speedupHigh(), 2)
                + ", ")
        + number(row.tokensPerStep(), 2)
        + " tokens per step)";
  }

  private static String batches(Batches batches) {
    if (batches.onlyOne() != null) {
      return batches.onlyOne();
    }
    Integer stops = batches.stopsPayingAt();
    Integer fits = batches.largestThatFits();
    if (fits != null && fits > 0 && fits < (stops == null ? batches.most() : stops - 1)) {
      return "pays at every batch that fits, up to " + fits;
    }
    return stops == null
        ? "pays at every batch up to " + batches.most()
        : "stops paying at batch " + stops;
  }

  private static Map<String, Object> json(BestSetting best) {
    Verdict verdict = best.verdict();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("verdict", verdict.words());
    all.putAll(Columns.REPLAY.of(best.best()));
    all.put("stops_paying_at_batch", best.batches().stopsPayingAt());
    all.put("largest_batch_that_fits", best.batches().largestThatFits());
    all.put("largest_batch_tried", best.batches().most());
    all.put("break_even_acceptance", best.acceptance());
    all.put("notes", best.notes());
    return all;
  }
}
