package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.draft.PromptLookup;
import redraft.latency.LatencyModel;
import redraft.latency.LatencyModels;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayTable;
import redraft.replay.ReplayOptions;
import redraft.replay.TraceReplay;
import redraft.report.ReplayFiles;
import redraft.report.TextTable;
import redraft.verify.VerificationRules;

@Command(
    name = "sweep",
    description = {
      "Replays traces over a whole grid: draft lengths × rules × batches × contexts × hardware × pairs of model sizes, "
          + "and writes a row of CSV for each, with the columns of replay.",
      "",
      "Prints the best setting of every deployment, and whether its memory holds weights and caches. Without a price option the grid has six pairs on hardware that holds them."
    },
    footer = {
      "",
      "Examples:",
      "  redraft sweep traces/tiny-t1.jsonl.gz --csv out/sweep.csv",
      "  redraft sweep traces/tiny-t1.jsonl.gz --csv out/sweep.csv --hardware h100-sxmx4,h200x2,mi300x --batch 1,4,16,64,256 \\",
      "      --target-model llama-3.1-70b --draft-model llama-3.2-1b --context 512,4096,32768"
    })
final class SweepCommand implements Callable<Integer> {
  private static final List<String> PAIRS =
      List.of(
          "llama-3.1-70b+llama-3.2-1b@h100x4",
          "llama-3.1-70b+llama-3.2-1b@mi300x",
          "llama-3.1-8b+llama-3.2-1b@h100",
          "llama-3.1-8b+llama-3.2-1b@a100",
          "llama-3.1-8b+llama-3.2-1b@l40s",
          "qwen2.5-32b+qwen2.5-0.5b@h200");

  @Parameters(paramLabel = "TRACE", arity = "1..*", description = "Traces, .jsonl or .jsonl.gz.")
  private List<Path> traces;

  @Option(
      names = "--draft",
      paramLabel = "NAME",
      split = ",",
      description =
          "Drafts of the trace, or " + PromptLookup.NAME + " (default: all drafts of the trace).")
  private List<String> drafts = List.of();

  @Option(
      names = "--rule",
      paramLabel = "RULE",
      split = ",",
      defaultValue = "token,block",
      description = "Verification rules (default: ${DEFAULT-VALUE}).")
  private List<String> rules;

  @Option(
      names = "--draft-length",
      paramLabel = "K",
      defaultValue = "1..10",
      converter = DraftLengths.Converter.class,
      description = "Tokens drafted a step: 4, 1,2,4 or 1..12 (default: ${DEFAULT-VALUE}).")
  private DraftLengths draftLengths;

  @ArgGroup private LatencyOptions latency;

  @Option(
      names = "--batch",
      paramLabel = "B",
      split = ",",
      defaultValue = "1,4,16,64,256",
      description = "Sequences decoded together (default: ${DEFAULT-VALUE}).")
  private List<Integer> batches;

  @Option(
      names = "--context",
      paramLabel = "N",
      split = ",",
      defaultValue = "256,2048",
      description = "Prompt tokens that every sequence is priced with (default: ${DEFAULT-VALUE}).")
  private List<Integer> contexts;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the bootstrap (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--by-domain", description = "Also rows for each domain in the CSV.")
  private boolean byDomain;

  @Option(names = "--csv", paramLabel = "FILE", required = true, description = "CSV to write.")
  private Path csv;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    long started = System.nanoTime();
    ReplayOptions options =
        ReplayOptions.fixed(
            drafts,
            rules.stream().map(VerificationRules::named).toList(),
            draftLengths.values(),
            LoadOptions.every(models(), batches, contexts, null),
            seed);
    List<ReplayRow> rows = new ArrayList<>();
    for (Path trace : traces) {
      String name = trace.getFileName().toString();
      ReplayTable table = new ReplayTable(name, options);
      TraceReplay.Source source;
      try (Progress progress = new Progress(name, -1)) {
        source = new TraceReplay(options).run(trace, table, progress::stepTo);
      }
      ReplayCommand.warnIfCut(spec.commandLine().getErr(), name, source);
      rows.addAll(table.rows(source, byDomain));
    }
    ReplayFiles.writeCsv(csv, ReplayRow.class, rows);
    PrintWriter out = spec.commandLine().getOut();
    out.print(best(rows));
    out.println();
    out.printf(
        Locale.ROOT,
        "%d configurations in %.1f s: %s%n",
        rows.size(),
        (System.nanoTime() - started) / 1e9,
        csv);
    out.flush();
    return 0;
  }

  private List<LatencyModel> models() throws IOException {
    if (latency != null) {
      return latency.models();
    }
    List<LatencyModel> models = new ArrayList<>();
    for (String pair : PAIRS) {
      models.add(LatencyModels.load(pair));
    }
    return models;
  }

  /** A line for each deployment of each draft: the rule and draft length of the highest speedup. */
  private static TextTable best(List<ReplayRow> rows) {
    Map<List<Object>, ReplayRow> best = new LinkedHashMap<>();
    for (ReplayRow row : rows) {
      if (row.domain().equals(ReplayTable.ALL_DOMAINS)) {
        best.merge(
            List.of(
                row.trace(),
                row.draft(),
                row.hardware(),
                row.targetModel(),
                row.draftModel(),
                row.batch(),
                row.context()),
            row,
            (a, b) -> b.speedup() > a.speedup() ? b : a);
      }
    }
    TextTable table =
        new TextTable(
            "trace",
            "hardware",
            "target",
            "draft",
            "batch",
            "context",
            "fits",
            "rule",
            "K",
            "tokens/step",
            "speedup",
            "95% interval",
            "tokens/s",
            "USD/M tokens",
            "plain USD/M");
    for (ReplayRow row : best.values()) {
      table.add(
          row.trace(),
          row.hardware(),
          row.targetModel(),
          row.draftModel(),
          Integer.toString(row.batch()),
          row.context().toString(),
          row.shortfall() == null ? "yes" : "no",
          row.rule(),
          row.draftLength().toString(),
          TextTable.number(row.tokensPerStep(), 3),
          TextTable.number(row.speedup(), 3),
          TextTable.number(row.speedupLow(), 3) + " – " + TextTable.number(row.speedupHigh(), 3),
          TextTable.number(row.tokensPerSecond(), 0),
          TextTable.number(row.usdPerMillionTokens(), 3),
          TextTable.number(row.baselineUsdPerMillionTokens(), 3));
    }
    return table;
  }
}
