package redraft.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import redraft.latency.Deployment;
import redraft.report.ReportBuilder;
import redraft.report.TrafficReport;
import redraft.report.TrafficTables;
import redraft.traffic.TrafficRow;
import redraft.traffic.TrafficStudy;

@Command(
    name = "traffic",
    description = {
      "Says whether speculation helps under load: requests come, wait, share passes and leave, iteration by iteration as engines batch, "
          + "and each accepts as the recorded text that it follows. Plain decoding is served beside every draft length, with the same "
          + "requests.",
      "",
      "Times are those of a simulation with seeded random numbers; intervals are over runs with other seeds, not over what the costs or "
          + "the recorded prompts leave open. Requests end sooner by the ratio of mean latencies."
    },
    footer = {
      "",
      "Examples:",
      "  redraft traffic traces/tiny-t1.jsonl.gz --engine vllm --hardware h100-sxm --target-model llama-3.1-8b --draft-model llama-3.2-1b",
      "  redraft traffic traces/tiny-t1.jsonl.gz --rate 8 --slo ttft=500ms,tpot=50ms --engine vllm --hardware h100-sxm \\",
      "      --target-model llama-3.1-8b --draft-model eagle3-llama-3.1-8b --prompt-tokens 1000 --output-tokens 300",
      "  redraft traffic --acceptance 0.7 --rates 1..64 --draft-length 1..4 --policy fixed,off-above:32,goodput --engine vllm --hardware l40s \\",
      "      --target-model llama-3.1-8b --draft-model eagle3-llama-3.1-8b --prompt-tokens 500 --output-tokens 200"
    })
final class TrafficCommand extends TraceCommand {
  private static final int MOST_ROWS = 16; // of the table of everything

  @Parameters(
      paramLabel = "TRACE",
      arity = "0..*",
      description = TRACE + " None of them where nothing is drafted and requests bring lengths.")
  private List<String> traces;

  @Mixin private TreeOptions trees;
  @Mixin private ServingOptions serving;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the first run (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Written(files = {"index.html", "traffic.csv", "charts/*.png"})
  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Also write charts, as a page and as pictures, and the rows as CSV.")
  private Path out;

  @Mixin private ResultOptions output;

  @Override
  public Integer call() throws IOException {
    output.check();
    if (out != null) {
      ReportBuilder.requireDistinct(everyTrace().stream().map(this::name).toList());
    }
    serving.check();
    trees.check(traces, false);
    if (serving.advises() && trees.given()) {
      throw new IllegalArgumentException(
          "--advise is a table of draft lengths for chains; leave out --tree");
    }
    Deployment on = deployment.alone();
    List<TrafficRow> rows = new ArrayList<>();
    List<Map<String, Object>> answers = new ArrayList<>();
    List<TrafficReport.Part> parts = new ArrayList<>();
    for (String trace : everyTrace()) {
      List<TreeOptions.Wanted> wanted =
          trace == null ? List.of() : trees.on(grid, () -> accepted.open(trace, grid.domain));
      ServingOptions.Served served = serving.serve(this, trace, wanted, on, seed);
      rows.addAll(served.study().rows());
      if (output.table()) {
        print(served);
      }
      parts.add(new TrafficReport.Part(name(trace), served.study(), served.answers()));
      answers.add(served.json());
    }
    output.writeCsv(TrafficTables.COLUMNS, rows);
    output.writeJson(json(rows, answers));
    if (out != null) {
      new TrafficReport(CommandLines.again(spec), parts, said()).write(out, output.texts());
      if (output.table()) {
        out().println("open " + out.resolve("index.html"));
      }
    }
    return 0;
  }

  private String name(String trace) {
    return trace == null ? "requests" : accepted.name(trace);
  }

  /** The traces; one that is null where nothing is drafted and requests bring their lengths. */
  private List<String> everyTrace() {
    boolean none = (traces == null || traces.isEmpty()) && !accepted.given();
    DraftLengths lengths = grid.namedLengths();
    boolean plain = lengths != null && lengths.positive().isEmpty();
    if (none && plain && serving.lengthsNamed()) {
      List<String> nothing = new ArrayList<>();
      nothing.add(null);
      return nothing;
    }
    return accepted.orTyped(traces);
  }

  private void print(ServingOptions.Served served) {
    TrafficStudy study = served.study();
    boolean few = study.rows().size() <= MOST_ROWS;
    Terminal.print(spec, few ? TrafficTables.all(study) : TrafficTables.fastest(study));
    if (study.rows().stream().anyMatch(TrafficRow::overloaded)) {
      out()
          .println(
              "!: more requests come than can be served, so that times grow with the length of the run.");
    }
    out().println();
    served.lines().forEach(out()::println);
  }

  /** The only row itself, or all of them. */
  private static Map<String, Object> json(
      List<TrafficRow> rows, List<Map<String, Object>> answers) {
    Map<String, Object> all = new LinkedHashMap<>();
    if (rows.size() == 1) {
      all.putAll(TrafficTables.COLUMNS.of(rows.get(0)));
    }
    all.put("answers", answers);
    all.put("rows", TrafficTables.COLUMNS.ofAll(rows));
    return all;
  }
}
