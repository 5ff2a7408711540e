package redraft.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import redraft.json.ResultFiles;
import redraft.latency.Deployment;
import redraft.report.Columns;
import redraft.report.ComparisonTables;
import redraft.study.Comparison;
import redraft.study.ComparisonRow;
import redraft.study.Grid;
import redraft.study.HistogramRow;
import redraft.synthetic.AcceptancePresets;
import redraft.synthetic.Preset;

@Command(
    name = "compare",
    description = {
      "Sets a recorded trace beside synthetic acceptance: what a preset or the i.i.d. formula predicts, which draft length it "
          + "would choose, and how much speedup trusting it loses.",
      "",
      "Presets are replayed on the trace's own sequences, so that only the acceptance differs. The formula is equation 1 and "
          + "Theorem 3.8 of Leviathan et al. 2023 at the trace's own overlap."
    },
    footer = {
      "",
      "Examples:",
      "  redraft compare traces/tiny-t1.jsonl.gz --cost-ratio 0.1",
      "  redraft compare traces/tiny-t1.jsonl.gz --cost-ratio 0.1 --preset constant-0.8,mine.json --by-domain --histogram",
      "  redraft compare traces/tiny-t1.jsonl.gz --cost-ratio 0.1 --domain code --draft-length 1..8 --fit out/code.json",
      "  redraft replay preset:out/code.json --draft-length 1..8 --cost-ratio 0.1"
    })
final class CompareCommand extends TraceCommand {
  @Parameters(paramLabel = "TRACE", arity = "0..1", description = TRACE)
  private String trace;

  @Option(
      names = "--preset",
      paramLabel = "NAME|FILE",
      split = ",",
      completionCandidates = Names.Presets.class,
      description = "Acceptance presets (default: all that are shipped: ${COMPLETION-CANDIDATES}).")
  private List<String> presets = AcceptancePresets.NAMES;

  @Option(
      names = "--histogram",
      description = "Also show how often steps accept 0, 1, 2, … tokens, sources side by side.")
  private boolean histogram;

  @Written
  @Option(
      names = "--fit",
      paramLabel = "FILE",
      description =
          "Also write a preset that accepts as the trace does at the longest of the draft lengths; its name is the file's.")
  private Path fit;

  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws IOException {
    output.check();
    if (fit != null && accepted.given()) {
      throw new IllegalArgumentException(
          "--fit writes what a trace has measured, and an acceptance that is typed in measures nothing; name a TRACE");
    }
    List<Preset> loaded = AcceptancePresets.loadAll(presets);
    Deployment costs = deployment.only();
    Grid wanted = grid.grid(GridOptions.Defaults.SHOW, List.of("fixed"), List.of(costs), reach);
    List<Integer> draftLengths = wanted.draftLengths();
    List<String> notes = new ArrayList<>(accepted.notes(wanted, null));
    Comparison comparison =
        ask(
            accepted.orTyped(trace),
            wanted,
            (source, progress) ->
                Comparison.of(source, wanted, draftLengths, loaded, notes, progress));
    note(notes);
    List<ComparisonRow> rows = new ArrayList<>();
    List<HistogramRow> histograms = new ArrayList<>();
    for (String domain : comparison.domains(output.byDomain)) {
      rows.addAll(comparison.rows(domain));
      if (histogram) {
        histograms.addAll(comparison.histograms(domain));
      }
    }
    if (fit != null) {
      String name = ResultFiles.name(fit).replaceFirst("\\.json$", "");
      AcceptancePresets.write(fit, comparison.fit(name));
    }
    output.writeCsv(Columns.COMPARISON, rows);
    output.writeJson(
        histogram ? Columns.HISTOGRAM.ofAll(histograms) : Columns.COMPARISON.ofAll(rows));
    if (output.table()) {
      print(rows, histograms);
    }
    return 0;
  }

  private void print(List<ComparisonRow> rows, List<HistogramRow> histograms) {
    ComparisonRow first = rows.get(0);
    Double overlap = first.counts().overlap();
    out()
        .printf(
            Locale.ROOT,
            "%s: draft %s, rule %s, %s, %,d sequences, %,d positions%s%n%n",
            first.key().trace(),
            first.key().draft(),
            first.key().rule(),
            first.key().hardware(),
            first.counts().sequences(),
            first.counts().positions(),
            overlap == null
                ? ""
                : String.format(Locale.ROOT, ", mean overlap Σ min(p, q) %.4f", overlap));
    out().print(ComparisonTables.choices(rows).on(Terminal.screen()));
    out()
        .println(
            "best K: where the source predicts its highest speedup; recorded: what the trace gives at that K, with its interval;");
    out()
        .println(
            "lost, kept: recorded against the trace's own best K, as difference and ratio; distance: total variation of accepted "
                + "counts, ½ Σ|P(j) − Q(j)|.");
    out().println();
    out().print(ComparisonTables.speedups(rows).on(Terminal.screen()));
    out().println("Predicted speedup by draft length.");
    if (histogram) {
      out().println();
      out().print(ComparisonTables.histograms(histograms, rows).on(Terminal.screen()));
      out().println("P(accepted = j) at the trace's own best K.");
    }
    if (fit != null) {
      out().println();
      out().println("fitted preset: " + fit);
    }
  }
}
