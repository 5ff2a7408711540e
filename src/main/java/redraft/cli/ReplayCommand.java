package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.draft.PromptLookup;
import redraft.metrics.AcceptanceRow;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayTable;
import redraft.replay.ReplayOptions;
import redraft.replay.TraceReplay;
import redraft.report.ReplayFiles;
import redraft.report.TextTable;
import redraft.synthetic.AcceptancePresets;
import redraft.synthetic.Preset;
import redraft.synthetic.PresetReplay;
import redraft.verify.VerificationRules;

@Command(
    name = "replay",
    description = {
      "Replays recorded traces, with no model: the exact expectation of what speculative decoding does on them, for every "
          + "combination of the drafts, rules, policies and draft lengths given.",
      "",
      "Steps, drafted and accepted tokens are exact for the sampling settings of the recording. The speedup is exact "
          + "for the prices given; the interval is a bootstrap over prompts. With --temperature all of them are estimates."
    },
    footer = {
      "",
      "Examples:",
      "  redraft replay traces/tiny-t1.jsonl.gz --draft-length 1..8 --cost-ratio 0.1 --csv out/r.csv",
      "  redraft replay traces/tiny-t1.jsonl.gz --rule token,block --policy fixed,heuristic,oracle --draft-length 5 --cost-ratio 0.1",
      "  redraft replay traces/tiny-t0.jsonl.gz --draft prompt-lookup --draft-length 4 --cost-ratio 0 --sampled 200",
      "  redraft replay out/logits-t1.jsonl.gz --temperature 0.7 --cost-ratio 0.1",
      "  redraft replay traces/tiny-t1.jsonl.gz --draft-length 4 --batch 1,8,64 --hardware h100-sxmx4,a100-80gbx4 \\",
      "      --target-model llama-3.1-70b --draft-model llama-3.2-1b",
      "  redraft replay preset:constant-0.8 --draft-length 1..8 --cost-ratio 0.1"
    })
final class ReplayCommand implements Callable<Integer> {
  private static final String PRESET = "preset:";

  @Parameters(
      paramLabel = "TRACE",
      arity = "1..*",
      description =
          "Traces, .jsonl or .jsonl.gz, or acceptance presets: preset:NAME or preset:FILE, see compare. To presets --draft and "
              + "--rule do not apply.")
  private List<String> traces;

  @Option(
      names = "--draft",
      paramLabel = "NAME",
      split = ",",
      description =
          "Drafts of the trace, or " + PromptLookup.NAME + " (default: all drafts of the trace).")
  private List<String> drafts = List.of();

  @Mixin private LookupOptions ngrams;

  @Option(
      names = "--rule",
      paramLabel = "RULE",
      split = ",",
      defaultValue = "token",
      description =
          "Verification rules: token, block, greedy-draft, exact-match (default: ${DEFAULT-VALUE}).")
  private List<String> rules;

  @Option(
      names = "--policy",
      paramLabel = "POLICY",
      split = ",",
      defaultValue = "fixed",
      description =
          "How draft lengths are chosen: fixed; heuristic (Hugging Face's: +2 after a block accepted whole, else -1); oracle, "
              + "the bound that drafts just what will be accepted (default: ${DEFAULT-VALUE}).")
  private List<String> policies;

  @Option(
      names = "--draft-length",
      paramLabel = "K",
      defaultValue = "1..8",
      converter = DraftLengths.Converter.class,
      description =
          "Tokens drafted a step, or in the first step: 4, 1,2,4 or 1..12 (default: ${DEFAULT-VALUE}).")
  private DraftLengths draftLengths;

  @ArgGroup(multiplicity = "1")
  private LatencyOptions latency;

  @Mixin private LoadOptions load;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description =
          "Estimate for another temperature than the recorded one, at the recorded contexts; needs a trace with logits.")
  private Double temperature;

  @Option(names = "--by-domain", description = "Also a row for each domain.")
  private boolean byDomain;

  @Option(
      names = "--sampled",
      paramLabel = "R",
      defaultValue = "0",
      description = "Draw R timelines instead of taking exact expectations, and show their spread.")
  private int timelines;

  @Option(
      names = "--histogram",
      description =
          "Also show how often steps accept 0, 1, 2, … tokens, and acceptance by position.")
  private boolean histogram;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the bootstrap and of sampled timelines (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", description = "Print JSON instead of the table.")
  private boolean json;

  @Option(names = "--csv", paramLabel = "FILE", description = "Also write CSV.")
  private Path csv;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    List<ReplayRow> rows = new ArrayList<>();
    List<AcceptanceRow> acceptance = new ArrayList<>();
    Set<String> notes = new LinkedHashSet<>();
    ReplayOptions options = options();
    for (String trace : traces) {
      replay(trace, options, rows, acceptance, notes);
    }
    if (csv != null) {
      ReplayFiles.writeCsv(csv, ReplayRow.class, rows);
    }
    warnOfShortfalls(spec.commandLine().getErr(), rows);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ReplayFiles.writeJson(out, histogram ? acceptance : rows);
    } else {
      out.print(TextTable.of(rows));
      notes.forEach(out::println);
      if (histogram) {
        out.println();
        out.print(TextTable.ofAcceptance(acceptance));
      }
    }
    out.flush();
    return 0;
  }

  private ReplayOptions options() throws IOException {
    return new ReplayOptions(
        drafts,
        rules.stream().map(VerificationRules::named).toList(),
        policies,
        draftLengths.values(),
        load.deployments(latency.models()),
        timelines,
        seed,
        histogram,
        ngrams.longest(),
        ngrams.shortest(),
        temperature);
  }

  private void replay(
      String trace,
      ReplayOptions options,
      List<ReplayRow> rows,
      List<AcceptanceRow> acceptance,
      Set<String> notes)
      throws IOException {
    ReplayTable table;
    TraceReplay.Source source;
    if (trace.startsWith(PRESET)) {
      if (temperature != null) {
        throw new IllegalArgumentException(
            trace + " has no logits, so there is no estimate at another temperature");
      }
      Preset preset = AcceptancePresets.load(trace.substring(PRESET.length()));
      table = new ReplayTable(PRESET + preset.name(), options);
      source = new PresetReplay(options).run(preset, table);
    } else {
      Path file = Path.of(trace);
      String name = file.getFileName().toString();
      table = new ReplayTable(name, options);
      try (Progress progress = new Progress(name, -1)) {
        source = new TraceReplay(options).run(file, table, progress::stepTo);
      }
      warnIfCut(spec.commandLine().getErr(), name, source);
      if (options.estimates(source.header())) {
        notes.add(
            "Estimates at temperature "
                + temperature
                + " on contexts recorded at temperature "
                + source.header().sampling().temperature()
                + "; cut-off bounds: tokens/step, whatever the logits that the trace leaves out are.");
      }
    }
    rows.addAll(table.rows(source, byDomain));
    if (histogram) {
      acceptance.addAll(table.acceptance(byDomain));
    }
  }

  static void warnOfShortfalls(PrintWriter err, List<ReplayRow> rows) {
    rows.stream()
        .map(ReplayRow::shortfall)
        .filter(Objects::nonNull)
        .distinct()
        .forEach(shortfall -> err.println("redraft: " + shortfall));
  }

  static void warnIfCut(PrintWriter err, String trace, TraceReplay.Source source) {
    if (!source.complete()) {
      err.println(
          "redraft: "
              + trace
              + " was cut while it was recorded; replaying its "
              + source.sequences()
              + " complete sequences");
    }
  }
}
