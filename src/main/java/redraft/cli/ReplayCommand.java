package redraft.cli;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.latency.ConstantRatio;
import redraft.latency.LatencyModel;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayTable;
import redraft.replay.TraceReplay;
import redraft.report.ReplayFiles;
import redraft.report.TextTable;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

@Command(
    name = "replay",
    description = {
      "Replays recorded traces, with no model: the exact expectation of what speculative decoding does on them.",
      "",
      "Steps, drafted and accepted tokens are exact for the sampling settings of the recording. The speedup is exact "
          + "for the cost ratio given; the interval is a bootstrap over prompts."
    },
    footer = {
      "",
      "Example:",
      "  redraft replay traces/tiny-t1.jsonl.gz --draft-length 1..8 --cost-ratio 0.1 --csv out/r.csv"
    })
final class ReplayCommand implements Callable<Integer> {
  @Parameters(paramLabel = "TRACE", arity = "1..*", description = "Traces, .jsonl or .jsonl.gz.")
  private List<Path> traces;

  @Option(
      names = "--draft",
      paramLabel = "NAME",
      split = ",",
      description = "Drafts of the trace (default: all of them).")
  private List<String> drafts = List.of();

  @Option(
      names = "--rule",
      paramLabel = "RULE",
      split = ",",
      defaultValue = "token",
      description = "Verification rules (default: ${DEFAULT-VALUE}).")
  private List<String> rules;

  @Option(
      names = "--draft-length",
      paramLabel = "K",
      defaultValue = "1..8",
      converter = DraftLengths.Converter.class,
      description = "Tokens drafted a step: 4, 1,2,4 or 1..12 (default: ${DEFAULT-VALUE}).")
  private DraftLengths draftLengths;

  @Option(
      names = "--cost-ratio",
      paramLabel = "C",
      required = true,
      description = "Draft pass / target pass; a verification costs one target pass.")
  private double costRatio;

  @Option(
      names = "--batch",
      paramLabel = "B",
      defaultValue = "1",
      description = "Sequences decoded together (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(names = "--by-domain", description = "Also a row for each domain.")
  private boolean byDomain;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the bootstrap (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", description = "Print JSON instead of the table.")
  private boolean json;

  @Option(names = "--csv", paramLabel = "FILE", description = "Also write CSV.")
  private Path csv;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    LatencyModel latency = new ConstantRatio(costRatio);
    List<VerificationRule> named = rules.stream().map(VerificationRules::named).toList();
    TraceReplay replay = new TraceReplay(drafts, named, draftLengths.values(), latency, batch);
    List<ReplayRow> rows = new ArrayList<>();
    for (Path trace : traces) {
      String name = trace.getFileName().toString();
      ReplayTable table = new ReplayTable();
      try (Progress progress = new Progress(name, -1)) {
        TraceReplay.Source source = replay.run(trace, table, progress::stepTo);
        if (!source.complete()) {
          spec.commandLine()
              .getErr()
              .println(
                  "redraft: "
                      + name
                      + " was cut while it was recorded; replaying its "
                      + source.sequences()
                      + " complete sequences");
        }
        rows.addAll(table.rows(name, source, latency, batch, byDomain, seed));
      }
    }
    if (csv != null) {
      if (csv.toAbsolutePath().getParent() != null) {
        Files.createDirectories(csv.toAbsolutePath().getParent());
      }
      try (Writer out = Files.newBufferedWriter(csv)) {
        ReplayFiles.writeCsv(out, rows);
      }
    }
    if (json) {
      ReplayFiles.writeJson(spec.commandLine().getOut(), rows);
    } else {
      spec.commandLine().getOut().print(TextTable.of(rows));
    }
    spec.commandLine().getOut().flush();
    return 0;
  }
}
