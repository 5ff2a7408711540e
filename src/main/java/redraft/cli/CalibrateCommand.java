package redraft.cli;

import static redraft.report.TextTable.number;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.json.ResultFiles;
import redraft.latency.EngineFiles;
import redraft.report.TextTable;
import redraft.validation.Calibration;
import redraft.validation.MeasuredRun;
import redraft.validation.MeasuredRuns;

@Command(
    name = "calibrate",
    description = {
      "Fits the costs of a serving engine to a few runs of your own, starting from what published runs say of it, and writes "
          + "a latency model for --latency. Says how sure it is, and which one run would help most.",
      "",
      "FILE is JSON: {\"rows\": [{\"id\", \"engine\", \"hardware\", \"target\", \"draft\", \"draftLength\", \"batch\", \"context\", "
          + "\"tokensPerStep\", \"measuredSpeedup\"}, …]}, where \"measuredMs\" and \"measuredPlainMs\", milliseconds a token, may stand "
          + "for the speedup; all rows of one pair on one machine (docs/latency.md). With --import, files are what a server said "
          + "of its own requests."
    },
    footer = {
      "",
      "Examples:",
      "  redraft calibrate my-runs.json --out out/mine.json",
      "  redraft best traces/tiny-t1.jsonl.gz --latency out/mine.json",
      "  redraft calibrate --import llama-server plain.jsonl k4.jsonl k8.jsonl --engine llama.cpp-cuda --hardware rtx-4090 "
          + "--target-model qwen2.5-7b --draft-model qwen2.5-0.5b --precision q4_k_m"
    })
final class CalibrateCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Measured runs; several files with --import only.")
  private List<Path> files;

  @Mixin private ServerRunOptions timed;

  @Written
  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "out/calibrated.json",
      description = "Where the latency model goes (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Mixin private JsonOptions output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    timed.check();
    List<MeasuredRun> runs =
        timed.given() ? timed.read(files) : MeasuredRuns.read(Names.only("FILE", files));
    Calibration calibration = Calibration.of(runs);
    MeasuredRun.Setup setup = runs.get(0).setup();
    EngineFiles.write(
        out,
        calibration.latency(),
        new EngineFiles.Names(setup.hardware(), setup.target(), setup.draft()),
        runs.size() + " runs of " + files.stream().map(ResultFiles::name).toList(),
        LocalDate.now().toString());
    output.writeJson(json(calibration));
    PrintWriter print = spec.commandLine().getOut();
    if (output.text()) {
      if (timed.given()) {
        print.println(table(runs).on(Terminal.screen()));
      }
      print(print, runs, calibration);
    }
    print.flush();
    return 0;
  }

  private static TextTable table(List<MeasuredRun> runs) {
    TextTable table =
        new TextTable("run", "context", "draft length", "tokens/step", "plain ms", "ms", "speedup");
    for (MeasuredRun run : runs) {
      table.add(
          run.id(),
          Integer.toString(run.load().context()),
          Integer.toString(run.load().draftLength()),
          number(run.measured().tokensPerStep(), 3),
          number(run.measured().plainMs(), 3),
          number(run.measured().ms(), 3),
          number(run.measured().speedup(), 3));
    }
    return table.labels("run", "context", "draft length");
  }

  private void print(PrintWriter print, List<MeasuredRun> runs, Calibration calibration) {
    TextTable table = new TextTable("cost", "published runs", "your machine", "68% interval");
    calibration
        .costs()
        .forEach(
            (cost, estimate) ->
                table.add(
                    cost.field(),
                    number(estimate.expected(), 4),
                    number(estimate.fitted(), 4),
                    TextTable.interval(
                        estimate.fitted() * Math.exp(-estimate.spread()),
                        estimate.fitted() * Math.exp(estimate.spread()),
                        4)));
    print.print(table.on(Terminal.screen()));
    print.println();
    Calibration.Next next = calibration.next();
    print.printf(
        Locale.ROOT,
        "%d %s of %s: mean |error| %.1f%% with the engine as shipped, %.1f%% now.%n",
        runs.size(),
        runs.size() == 1 ? "run" : "runs",
        calibration.latency().name(),
        100 * calibration.before(),
        100 * calibration.after());
    print.printf(
        Locale.ROOT,
        "Speedups at usual draft lengths and batches are known to ±%.1f%%; a run at batch %d and draft length %d would tell most: "
            + "±%.1f%% then.%n",
        100 * next.spreadNow(),
        next.batch(),
        next.draftLength(),
        100 * next.spreadThen());
    print.println("Wrote " + out + "; use it with --latency " + out);
  }

  private Map<String, Object> json(Calibration calibration) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("engine", calibration.latency().engine().name());
    Map<String, Object> costs = new LinkedHashMap<>();
    calibration.costs().forEach((cost, estimate) -> costs.put(cost.field(), estimate));
    all.put("costs", costs);
    all.put("mean_error_before", calibration.before());
    all.put("mean_error_after", calibration.after());
    all.put("next_run", calibration.next());
    all.put("out", out.toString());
    return all;
  }
}
