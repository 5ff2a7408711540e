package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.draft.PromptLookup;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.latency.RooflineLatency;
import redraft.report.JsonFormat;
import redraft.report.Report;
import redraft.report.ReportFormat;
import redraft.report.ReportFormats;
import redraft.synthetic.AcceptancePresets;
import redraft.synthetic.Preset;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

@Command(
    name = "report",
    description = {
      "Turns traces into one page that can be sent to a colleague, with the same numbers as pictures, Markdown, CSV and JSON.",
      "",
      "The page is one file and needs no network: the best setting and what it rests on, charts, and the recorded text token by "
          + "token, with sliders that recompute everything in the page. With no price named, a draft pass is taken to cost a tenth "
          + "of a target pass, and the report says so."
    },
    footer = {
      "",
      "Examples:",
      "  redraft report traces/*.jsonl.gz --out out/report",
      "  redraft report traces/tiny-t1.jsonl.gz --hardware h100-sxm,a100-80gb --target-model llama-3.1-8b --draft-model llama-3.2-1b"
          + " --batch 1,16",
      "  redraft report traces/tiny-t0.jsonl.gz --draft tiny-draft,prompt-lookup --cost-ratio 0.08 --format html,markdown"
    })
final class ReportCommand implements Callable<Integer> {
  private static final double ASSUMED_COST_RATIO = 0.1;

  @Parameters(paramLabel = "TRACE", arity = "1..*", description = "Traces, .jsonl or .jsonl.gz.")
  private List<Path> traces;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "out/report",
      description = "Where the files go (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      split = ",",
      description = "What to write: html, markdown, csv, json, png (default: all).")
  private List<String> formats;

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
      description =
          "Verification rules to compare: token, block, greedy-draft, exact-match (default: all that the trace allows).")
  private List<String> rules;

  @Option(
      names = "--draft-length",
      paramLabel = "K",
      defaultValue = "1..12",
      converter = DraftLengths.Converter.class,
      description = "Draft lengths to compare: 4, 1,2,4 or 1..12 (default: ${DEFAULT-VALUE}).")
  private DraftLengths draftLengths;

  @ArgGroup private LatencyOptions latency;

  @Mixin private LoadOptions load;

  @Option(
      names = "--preset",
      paramLabel = "NAME|FILE",
      split = ",",
      defaultValue = "constant-0.8,vllm-decay,vllm-length-2.6",
      description =
          "Synthetic acceptance to set beside the traces, see compare (default: ${DEFAULT-VALUE}).")
  private List<String> presets;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      description =
          "Texts of each trace that the page holds (default: all while the page stays below 2 MB).")
  private Integer sequences;

  @Option(
      names = "--models",
      paramLabel = "DIR",
      description =
          "Model directory whose tokenizer turns tokens into text (default: models/tiny where it recorded the trace).")
  private Path models;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Seed of the bootstrap and of the run shown token by token (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", description = "Also print what report.json holds.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    List<ReportFormat> wanted =
        formats == null ? ReportFormats.ALL : formats.stream().map(ReportFormats::named).toList();
    if (sequences != null && sequences < 1) {
      throw new IllegalArgumentException("--sequences " + sequences + " must be at least 1");
    }
    Set<String> names = new HashSet<>();
    for (Path trace : traces) {
      if (!names.add(TraceGathering.stem(trace))) {
        throw new IllegalArgumentException(
            "two traces are called '"
                + TraceGathering.stem(trace)
                + "', which names their charts; rename one of them");
      }
    }
    Report report = gather();
    Files.createDirectories(out);
    for (ReportFormat format : wanted) {
      format.write(report, out);
    }
    PrintWriter print = spec.commandLine().getOut();
    if (json) {
      JsonFormat.write(report, print);
    } else {
      report.headlines().forEach(print::println);
      print.println(
          wanted.stream().anyMatch(format -> format.name().equals("html"))
              ? "open " + out.resolve("report.html")
              : "written to " + out);
    }
    print.flush();
    return 0;
  }

  private Report gather() throws IOException {
    List<LatencyModel> priced =
        latency == null ? List.of(new ConstantRatio(ASSUMED_COST_RATIO)) : latency.models();
    List<Deployment> deployments = load.deployments(priced);
    List<Preset> synthetic = new ArrayList<>();
    for (String preset : presets) {
      synthetic.add(AcceptancePresets.load(preset));
    }
    List<VerificationRule> named =
        rules == null
            ? VerificationRules.ALL
            : rules.stream().map(VerificationRules::named).toList();
    TraceGathering gathering =
        new TraceGathering(
            drafts,
            named,
            rules == null,
            draftLengths.values(),
            deployments,
            synthetic,
            seed,
            ngrams,
            sequences,
            models,
            spec.commandLine().getErr());
    List<Report.Trace> gathered = gathering.all(traces);
    List<String> sources = new ArrayList<>();
    priced.forEach(model -> sources.addAll(sources(model)));
    synthetic.forEach(
        preset -> sources.add("Synthetic acceptance " + preset.name() + ": " + preset.source()));
    return new Report(
        named.stream().map(VerificationRule::name).toList(),
        draftLengths.values(),
        gathering.prices(),
        latency == null,
        seed,
        gathered,
        Stream.concat(Report.PAPERS.stream(), sources.stream()).toList());
  }

  /** Where the numbers behind a price come from. */
  private static List<String> sources(LatencyModel model) {
    return !(model instanceof RooflineLatency roofline)
        ? List.of("Prices: " + model.name())
        : roofline.hardware().figures().entrySet().stream()
            .map(
                figure ->
                    roofline.hardware().name()
                        + ", "
                        + figure.getKey()
                        + " "
                        + figure.getValue().value()
                        + ": "
                        + figure.getValue().source()
                        + " ("
                        + figure.getValue().date()
                        + ", "
                        + figure.getValue().confidence()
                        + ")")
            .toList();
  }
}
