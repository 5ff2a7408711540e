package redraft.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import redraft.json.LineSource;
import redraft.json.ResultFiles;
import redraft.json.Visible;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.report.JsonFormat;
import redraft.report.PullRequest;
import redraft.report.Report;
import redraft.report.ReportBuilder;
import redraft.report.ReportFormat;
import redraft.report.ReportFormats;
import redraft.report.UnderLoad;
import redraft.study.Grid;
import redraft.study.TraceStudy;
import redraft.study.TreeStudy;
import redraft.synthetic.AcceptancePresets;
import redraft.synthetic.Preset;

@Command(
    name = "report",
    description = {
      "Turns traces into one page that can be sent to a colleague, with the same numbers as pictures, Markdown, CSV and JSON.",
      "",
      "The page is one file and needs no network: the best setting and what it rests on, charts, and the recorded text token by "
          + "token, with sliders that recompute everything in the page. Where nothing says what passes cost, a draft pass is taken "
          + "to cost a tenth of a target pass, and the report says so."
    },
    footer = {
      "",
      "Examples:",
      "  redraft report traces/*.jsonl.gz --out out/report",
      "  redraft report traces/tiny-t1.jsonl.gz --hardware h100-sxm,a100-80gb --target-model llama-3.1-8b --draft-model llama-3.2-1b"
          + " --batch 1,16",
      "  redraft report traces/tiny-t1.jsonl.gz --rates 1..32 --slo ttft=500ms --engine vllm --hardware h100-sxm --target-model llama-3.1-8b \\",
      "      --draft-model eagle3-llama-3.1-8b --prompt-tokens 1000 --output-tokens 300",
      "  redraft report traces/tiny-t1.jsonl.gz --cost-ratio 0.1 --summary -",
      "  redraft report --compare traces/tiny-t1.jsonl.gz traces/tiny-t0.jsonl.gz --cost-ratio 0.1",
      "  redraft report traces/tiny-t0.jsonl.gz --tree medusa-63,2x4,best:63",
      "  redraft report traces/tiny-t0.jsonl.gz --draft tiny-draft,prompt-lookup --cost-ratio 0.08 --format html,markdown"
    })
final class ReportCommand extends TraceCommand {
  static final double ASSUMED_COST_RATIO = 0.1;
  private static final List<String> TYPED =
      List.of("--acceptance", "--acceptance-rates", "--acceptance-length");

  @Parameters(paramLabel = "TRACE", arity = "0..*", description = TRACE)
  private List<String> traces;

  @Written(
      files = {
        "report.html",
        "summary.md",
        "report.csv",
        "report.json",
        "compare.html",
        "compare.csv",
        "charts/*.png"
      })
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
      completionCandidates = Names.Formats.class,
      description = "What to write: ${COMPLETION-CANDIDATES} (default: all).")
  private List<String> formats;

  @Option(
      names = "--preset",
      paramLabel = "NAME|FILE",
      split = ",",
      completionCandidates = Names.Presets.class,
      description = "Synthetic acceptance to set beside the traces, see compare (default: none).")
  private List<String> presets = List.of();

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
      description = "Seed of the run shown token by token (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Written
  @Option(
      names = "--summary",
      paramLabel = "FILE|-",
      description =
          "Write some 30 lines of Markdown for a pull request to a file, or with - to standard output; the report itself is then"
              + " written only where --out is named.")
  private String summary;

  @Option(
      names = "--compare",
      description =
          "Set two traces beside each other: what changed from the first to the second at each draft length and domain, and whether the"
              + " difference is real, prompt by prompt. Writes compare.html, compare.csv and charts. Two of --draft, or of what passes cost, are"
              + " one for each.")
  private boolean compare;

  @Option(names = "--json", description = "Also print what report.json holds.")
  private boolean json;

  @Mixin private TreeOptions trees;
  @Mixin private ServingOptions serving;

  @Override
  public Integer call() throws IOException {
    List<ReportFormat> wanted =
        formats == null ? ReportFormats.all() : formats.stream().map(ReportFormats::named).toList();
    if (sequences != null && sequences < 1) {
      throw new IllegalArgumentException("--sequences " + sequences + " must be at least 1");
    }
    if (compare) {
      return ReportComparison.write(this, traces, out, json);
    }
    if (json && JsonOptions.STANDARD_OUTPUT.equals(summary)) {
      throw new IllegalArgumentException(
          "--json and --summary cannot both go to standard output; name a file for the summary: --summary FILE.md");
    }
    trees.check(traces, false);
    serving.check();
    serving.requireLoad();
    if ((trees.given() || serving.given())
        && traces != null
        && traces.contains(LineSource.STANDARD_INPUT)) {
      throw new IllegalArgumentException(
          "a report with trees or under load reads its trace again, and standard input can be read only once; name a file");
    }
    List<String> sources = accepted.orTyped(traces);
    ReportBuilder.requireDistinct(sources.stream().map(accepted::name).toList());
    Report report = report(sources);
    if (summary != null) {
      writeSummary(PullRequest.summary(report));
      if (!spec.commandLine().getParseResult().hasMatchedOption("--out")) {
        return 0;
      }
    }
    ResultFiles.writeFolder(
        out,
        folder -> {
          for (ReportFormat format : wanted) {
            format.write(report, folder);
          }
        });
    if (json) {
      JsonFormat.write(report, TextForPeople.exact(spec.commandLine()));
    } else if (!JsonOptions.STANDARD_OUTPUT.equals(summary)) {
      report.headlines().forEach(line -> out().println(Visible.line(line)));
      boolean page = formats == null || formats.contains("html");
      out().println(page ? "open " + out.resolve("report.html") : "written to " + out);
    }
    return 0;
  }

  private void writeSummary(String text) throws IOException {
    if (summary.equals(JsonOptions.STANDARD_OUTPUT)) {
      TextForPeople.exact(spec.commandLine()).print(text);
    } else {
      ResultFiles.write(Path.of(summary), text);
    }
  }

  private Report report(List<String> sources) throws IOException {
    List<Preset> synthetic = AcceptancePresets.loadAll(presets);
    GridOptions.Defaults defaults = GridOptions.Defaults.everyRule();
    List<Deployment> deployments =
        deployment.orElse(List.of(new ConstantRatio(ASSUMED_COST_RATIO)), List.of(1), null, reach);
    Grid every = grid.grid(defaults, List.of("fixed"), deployments, reach);
    Grid wanted = trees.given() ? grid.besideTrees(every) : every;
    long kept = sequences == null ? ReportBuilder.PAGE_BYTES : Long.MAX_VALUE / 4;
    List<TraceStudy> studies = new ArrayList<>();
    List<List<TreeStudy>> ofTrees = new ArrayList<>();
    List<UnderLoad> loads = new ArrayList<>();
    for (String trace : sources) {
      studies.add(
          ask(
              trace,
              wanted,
              (source, progress) ->
                  TraceStudy.of(
                      source, wanted, synthetic, ReportBuilder::pageBytes, kept, progress)));
      ofTrees.add(trees.given() ? trees(trace, deployments) : List.of());
      loads.add(serving.given() ? underLoad(trace, deployments.get(0)) : null);
    }
    note(accepted.notes(wanted, null));
    studies.forEach(study -> note(study.notes()));
    Report.Compared compared =
        new Report.Compared(
            wanted.rules().wanted(),
            wanted.draftLengths(),
            wanted.deployments(),
            !deployment.given(),
            seed,
            new PagePrices(spec.commandLine().getParseResult())
                .of(wanted.deployments(), deployment.given(), sources.size()));
    try (PageTexts texts = new PageTexts(models, text -> note(List.of(text)))) {
      ReportBuilder.Words words =
          new ReportBuilder.Words(texts, new PageSettings(grid.ngrams.ngrams()), named(sources));
      return ReportBuilder.build(studies, ofTrees, loads, compared, synthetic, sequences, words);
    }
  }

  /** The words that name each trace in a command; of a path from the root, the file alone. */
  private List<List<String>> named(List<String> sources) {
    return sources.stream()
        .map(
            source ->
                traces == null || traces.isEmpty()
                    ? PagePrices.typed(spec.commandLine().getParseResult(), TYPED)
                    : List.of(PagePrices.relative(source)))
        .toList();
  }

  private UnderLoad underLoad(String trace, Deployment on) throws IOException {
    List<TreeOptions.Wanted> chains = List.of(new TreeOptions.Wanted(null, false, List.of()));
    Deployment alone =
        new Deployment(on.name(), on.latency(), 1, null, on.usdPerHour(), on.recurrent());
    ServingOptions.Served served = serving.serve(this, trace, chains, alone, seed);
    return UnderLoad.of(served.study(), served.answers());
  }

  private List<TreeStudy> trees(String trace, List<Deployment> deployments) throws IOException {
    List<TreeStudy> studies = new ArrayList<>();
    for (TreeOptions.Wanted one : trees.on(grid, () -> accepted.open(trace, grid.domain))) {
      Grid tree = grid.wholeTree(deployments, one.tree(), one.tree().depth());
      Grid chain = grid.wholeTree(deployments, null, one.tree().depth());
      TreeStudy study =
          ask(
              trace,
              tree,
              one::of,
              (source, progress) -> TreeStudy.of(source, tree, chain, progress));
      studies.add(study.with(one.notes()));
      note(study.notes());
      note(one.notes());
    }
    return studies;
  }
}
