package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.metrics.ReplayTable;
import redraft.replay.TraceReplay;
import redraft.report.ComparisonTables;
import redraft.report.ReplayFiles;
import redraft.synthetic.AcceptancePresets;
import redraft.study.Comparison;
import redraft.study.ComparisonRow;
import redraft.study.HistogramRow;
import redraft.synthetic.Preset;
import redraft.trace.TraceReader;
import redraft.verify.VerificationRules;

@Command(
    name = "compare",
    description = {
      "Sets a recorded trace beside synthetic acceptance: what a preset or the i.i.d. formula predicts, which draft length it "
          + "would choose, and how much speedup trusting it loses.",
      "",
      "AcceptancePresets are replayed on the trace's own sequences, so that only the acceptance differs. The formula is equation 1 and "
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
final class CompareCommand implements Callable<Integer> {
  @Parameters(paramLabel = "TRACE", description = "Trace, .jsonl or .jsonl.gz.")
  private Path trace;

  @Option(
      names = "--draft",
      paramLabel = "NAME",
      description = "Draft of the trace, or prompt-lookup (default: the trace's first).")
  private String draft;

  @Option(
      names = "--rule",
      paramLabel = "RULE",
      defaultValue = "token",
      description =
          "Verification rule: token, block, greedy-draft, exact-match (default: ${DEFAULT-VALUE}).")
  private String rule;

  @Option(
      names = "--preset",
      paramLabel = "NAME|FILE",
      split = ",",
      description = "Acceptance presets (default: all that are shipped).")
  private List<String> presets = AcceptancePresets.NAMES;

  @Option(
      names = "--draft-length",
      paramLabel = "K",
      defaultValue = "1..12",
      converter = DraftLengths.Converter.class,
      description = "Draft lengths to choose from: 4, 1,2,4 or 1..12 (default: ${DEFAULT-VALUE}).")
  private DraftLengths draftLengths;

  @ArgGroup(multiplicity = "1")
  private LatencyOptions latency;

  @Option(names = "--by-domain", description = "Also each domain by itself.")
  private boolean byDomain;

  @Option(names = "--domain", paramLabel = "NAME", description = "This domain only.")
  private String domain;

  @Option(
      names = "--histogram",
      description = "Also show how often steps accept 0, 1, 2, … tokens, sources side by side.")
  private boolean histogram;

  @Option(
      names = "--fit",
      paramLabel = "FILE",
      description =
          "Also write a preset that accepts as the trace does at the longest of the draft lengths; its name is the file's.")
  private Path fit;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the bootstrap (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", description = "Print JSON instead of tables.")
  private boolean json;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "Also write CSV: a row for every source and draft length.")
  private Path csv;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Comparison comparison = comparison();
    String name = trace.getFileName().toString();
    TraceReplay.Source source;
    try (Progress progress = new Progress(name, -1)) {
      source = comparison.run(trace, progress::stepTo);
    }
    ReplayCommand.warnIfCut(spec.commandLine().getErr(), name, source);
    List<String> domains = domains(comparison);
    List<ComparisonRow> rows = new ArrayList<>();
    List<HistogramRow> histograms = new ArrayList<>();
    for (String one : domains) {
      rows.addAll(comparison.rows(one));
      if (histogram) {
        histograms.addAll(comparison.histograms(one));
      }
    }
    if (csv != null) {
      ReplayFiles.writeCsv(csv, ComparisonRow.class, rows);
    }
    if (fit != null) {
      Files.createDirectories(fit.toAbsolutePath().getParent());
      AcceptancePresets.write(fit, comparison.fit(domains.get(0), presetName(fit)));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ReplayFiles.writeJson(out, histogram ? histograms : rows);
    } else {
      print(out, rows, histograms);
    }
    out.flush();
    return 0;
  }

  private Comparison comparison() throws IOException {
    List<Preset> loaded = new ArrayList<>();
    for (String preset : presets) {
      loaded.add(AcceptancePresets.load(preset));
    }
    if (draft == null) {
      try (TraceReader reader = new TraceReader(trace)) {
        draft = reader.header().drafts().get(0).name();
      }
    }
    return new Comparison(
        draft, VerificationRules.named(rule), draftLengths.values(), latency.model(), loaded, seed);
  }

  private List<String> domains(Comparison comparison) {
    List<String> domains = new ArrayList<>();
    domains.add(domain == null ? ReplayTable.ALL_DOMAINS : domain);
    if (byDomain && domain == null) {
      domains.addAll(comparison.domains());
    }
    return domains;
  }

  private static String presetName(Path file) {
    return file.getFileName().toString().replaceFirst("\\.json$", "");
  }

  private void print(PrintWriter out, List<ComparisonRow> rows, List<HistogramRow> histograms) {
    ComparisonRow first = rows.get(0);
    out.printf(
        Locale.ROOT,
        "%s: draft %s, rule %s, %s, %,d sequences, %,d positions%s%n%n",
        first.trace(),
        first.draft(),
        first.rule(),
        first.hardware(),
        first.sequences(),
        first.positions(),
        first.overlap() == null
            ? ""
            : String.format(Locale.ROOT, ", mean overlap Σ min(p, q) %.4f", first.overlap()));
    out.print(ComparisonTables.choices(rows));
    out.println(
        "best K: where the source predicts its highest speedup; recorded: what the trace gives at that K, with its interval;");
    out.println(
        "lost, kept: recorded against the trace's own best K, as difference and ratio; distance: total variation of accepted "
            + "counts, ½ Σ|P(j) − Q(j)|.");
    out.println();
    out.print(ComparisonTables.speedups(rows));
    out.println("Predicted speedup by draft length.");
    if (histogram) {
      out.println();
      out.print(ComparisonTables.histograms(histograms, rows));
      out.println("P(accepted = j) at the trace's own best K.");
    }
    if (fit != null) {
      out.println();
      out.println("fitted preset: " + fit);
    }
  }
}
