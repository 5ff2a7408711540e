package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.latency.LatencyModels;
import redraft.model.onnx.OnnxPair;
import redraft.report.ChartImages;
import redraft.report.Charts;
import redraft.report.Columns;
import redraft.report.EngineTables;
import redraft.report.RowFiles;
import redraft.report.ValidationTables;
import redraft.trace.Prompt;
import redraft.validation.MeasuredRun;
import redraft.validation.MeasuredRuns;
import redraft.validation.Published;
import redraft.validation.RunPrediction;
import redraft.validation.ValidationRow;
import redraft.validation.live.LiveStudy;

@Command(
    name = "validate",
    description = {
      "Sets predictions beside measurements. Live: decodes prompts plainly and speculatively, in turns, under every rule and "
          + "draft length, and predicts each from a trace of the same prompts recorded with other random numbers (the next "
          + "seed) and from measured pass times.",
      "",
      "With --published: predicts the measurements of papers, by the closed formula and by roofline, and the speedups of "
          + "published runs on real engines from their tokens per step, each by costs fitted without the runs of its source. "
          + "With files: the runs in them (docs/validation.md has the form)."
    },
    footer = {
      "",
      "Examples:",
      "  redraft validate --profile out/profile.json",
      "  redraft validate --full --temperature 1",
      "  redraft validate --published",
      "  redraft validate --published my-runs.json --csv out/predicted.csv"
    })
final class ValidateCommand implements Callable<Integer> {
  private static final int QUICK_PROMPTS = 16;

  @Option(
      names = "--full",
      description =
          "Every prompt, both rules and draft lengths 1 to 8, twice: many minutes. Otherwise, unless options say more, 16 prompts, "
              + "rule token and draft lengths 1, 2 and 4, once: about two minutes on two cores.")
  private boolean full;

  @Option(names = "--published", description = "Predict published measurements; no model is run.")
  private boolean published;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description = "With --published: measured runs to predict, rather than those shipped.")
  private List<Path> files = List.of();

  @Mixin private ModelOptions models;

  @Option(
      names = "--profile",
      paramLabel = "FILE",
      description =
          "Pass times that 'redraft profile' measured (default: measured now, in turns with the live runs).")
  private String profile;

  @Mixin private PromptOptions prompts;
  @Mixin private SampleOptions samples;
  @Mixin private SamplingOptions sampling;
  @Mixin private DraftingOptions drafting;
  @Mixin private TimingOptions timing;

  @Written(files = {"trace-*.jsonl.gz", "validation.csv", "charts/*.png"})
  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "out/validate",
      description = "Where the traces, the CSV and the chart go (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Mixin private ResultOptions output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    output.check();
    PrintWriter print = spec.commandLine().getOut();
    if (!files.isEmpty() && !published) {
      throw new IllegalArgumentException(
          "FILE goes with --published; prompts are named with --prompts");
    }
    if (!files.isEmpty()) {
      runs(print);
    } else if (published) {
      Published all = Published.load();
      output.write(Columns.PUBLISHED, all.rows());
      if (output.text()) {
        print.print(ValidationTables.published(all, Terminal.screen()));
        print.println();
        print.println("Published runs, each predicted by costs fitted without those of its source");
        print.println();
        print.print(EngineTables.all(MeasuredRuns.shipped().predictions(), Terminal.screen()));
        print.println();
        print.print(EngineTables.engines().on(Terminal.screen()));
      }
    } else {
      List<ValidationRow> rows = live();
      RowFiles.writeCsv(out.resolve("validation.csv"), Columns.VALIDATION, rows, output.texts());
      ChartImages.writePng(Charts.validation(rows), out);
      output.write(Columns.VALIDATION, rows);
      if (output.text()) {
        print.println(ValidationTables.rows(rows).on(Terminal.screen()));
        print.println(ValidationTables.summary(rows).on(Terminal.screen()));
        print.println("Traces, CSV and chart: " + out);
      }
    }
    print.flush();
    return 0;
  }

  private void runs(PrintWriter print) throws IOException {
    List<MeasuredRun> runs = new ArrayList<>();
    for (Path file : files) {
      runs.addAll(MeasuredRuns.read(file));
    }
    List<RunPrediction> predictions = MeasuredRuns.shipped().predict(runs);
    for (RunPrediction each : predictions) {
      if (each.problem() != null) {
        spec.commandLine()
            .getErr()
            .println(Message.line(each.run().id() + " is not priced: " + each.problem()));
      }
    }
    if (predictions.stream().allMatch(each -> each.predicted() == null)) {
      throw new IllegalArgumentException("no run of these files can be priced");
    }
    output.write(Columns.RUNS, predictions);
    print.print(output.text() ? EngineTables.all(predictions, Terminal.screen()) : "");
  }

  private List<ValidationRow> live() throws IOException {
    LiveStudy.Plan plan =
        new LiveStudy.Plan(
            drafting.rules(full ? List.of("token", "block") : List.of("token")),
            drafting.draftLengths(
                full ? IntStream.rangeClosed(1, 8).boxed().toList() : List.of(1, 2, 4)),
            sampling.every(List.of(0.0, 1.0)),
            sampling.maxNewTokens,
            timing.rounds(full ? 2 : 1, 1),
            samples.samples(full ? 8 : 2),
            sampling.seed,
            profile == null ? null : LatencyModels.load(profile));
    List<Prompt> texts = full ? prompts.read() : prompts.read(QUICK_PROMPTS);
    LiveStudy.requireTwoOfEveryDomain(texts, prompts.name());
    try (OnnxPair pair = models.load(drafting.draft::needs);
        ProgressPhases progress = new ProgressPhases("validate")) {
      LiveStudy study =
          new LiveStudy(ModelOptions.live(pair), drafting.draft.model(pair), texts, plan);
      List<ValidationRow> rows = study.rows(out, progress);
      String problem = study.noise(models.targetThreads()).problem();
      if (problem != null) {
        models.warn("measured speedups are unreliable: " + problem);
      }
      return rows;
    }
  }
}
