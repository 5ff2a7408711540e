package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import redraft.metrics.ReplayRow;
import redraft.model.onnx.OnnxPair;
import redraft.report.ChartImages;
import redraft.report.Charts;
import redraft.report.Columns;
import redraft.report.RowFiles;
import redraft.report.TextTable;
import redraft.trace.Prompt;
import redraft.validation.live.Demonstration;

@Command(
    name = "demo",
    description = {
      "The whole of Redraft in a minute: decodes live with and without speculation, measures this machine's steps, "
          + "records a trace, replays it without the models, and sets the predicted speedup beside the measured one.",
      "",
      "Writes the trace, a CSV and two charts."
    },
    footer = {"", "Example:", "  redraft demo --temperature 0 --draft-length 6 --out /tmp/demo"})
final class DemoCommand implements Callable<Integer> {
  @Mixin private ModelOptions models;
  @Mixin private PromptOptions prompts;
  @Mixin private SampleOptions continuations;
  @Mixin private SamplingOptions sampling;
  @Mixin private DraftingOptions drafting;

  @Option(
      names = "--live-prompts",
      paramLabel = "N",
      defaultValue = "12",
      description = "Prompts of each domain that are decoded live (default: ${DEFAULT-VALUE}).")
  private int livePrompts;

  @Written(files = {"demo.jsonl.gz", "replay.csv", "charts/*.png"})
  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "out",
      description = "Where the files go (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Demonstration.Plan plan =
        new Demonstration.Plan(
            drafting.rule(),
            drafting.draftLength(2),
            sampling.only(1),
            sampling.maxNewTokens,
            livePrompts,
            continuations.samples(1),
            sampling.seed);
    List<Prompt> texts = prompts.read();
    Files.createDirectories(out);
    Path trace = out.resolve("demo.jsonl.gz");
    StringBuilder samples = new StringBuilder();
    Demonstration.Live live;
    Demonstration.Replayed replayed;
    try (ProgressPhases progress = new ProgressPhases("demo")) {
      progress.begin("loading the models", 1);
      try (OnnxPair pair = models.load(drafting.draft::needs)) {
        live =
            Demonstration.live(
                ModelOptions.live(pair),
                drafting.draft.model(pair),
                texts,
                plan,
                models.targetThreads(),
                trace,
                progress);
        live.samples().forEach(run -> samples.append(DemoText.sample(run, pair.tokenizer())));
      }
      progress.begin("replaying", 1); // from here on no model is needed
      replayed = Demonstration.replay(live, plan, trace);
    }
    writeFiles(plan, live, replayed);
    PrintWriter print = spec.commandLine().getOut();
    TextForPeople.exact(spec.commandLine()).print(DemoText.live(plan, samples));
    print.println("Replayed from the trace with this machine's step times:");
    print.println();
    Terminal.print(spec, TextTable.of(replayed.atDraftLength(plan.draftLength())));
    print.println();
    print.print(DemoText.summary(plan, live, replayed, out));
    print.flush();
    return 0;
  }

  private void writeFiles(
      Demonstration.Plan plan, Demonstration.Live live, Demonstration.Replayed replayed)
      throws IOException {
    List<ReplayRow> rows = replayed.rows();
    String temperature = "temperature " + plan.sampling().temperature();
    String pair = rows.get(0).draft() + " for " + rows.get(0).targetModel();
    RowFiles.writeCsv(out.resolve("replay.csv"), Columns.REPLAY, rows);
    ChartImages.writePng(Charts.speedupByDraftLength(rows, pair + ", " + temperature), out);
    ChartImages.writePng(
        Charts.speedupByOverlap(
            replayed.atDraftLength(plan.draftLength()),
            live.costs().speculativeStep(1, plan.draftLength(), 0)
                / live.costs().baselineStep(1, 0),
            "K = " + plan.draftLength() + ", " + temperature),
        out);
  }
}
