package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import redraft.json.ResultFiles;
import redraft.latency.LayerFiles;
import redraft.latency.LlamaBench;
import redraft.latency.LlmServingSim;
import redraft.latency.MeasuredProfile;
import redraft.latency.ProfileFiles;
import redraft.latency.VllmBenchForward;
import redraft.model.onnx.OnnxPair;
import redraft.recording.Profiling;
import redraft.report.ProfileTables;

@Command(
    name = "profile",
    description = {
      "Measures what the passes of a pair cost on this machine, over rows and contexts, and what surrounds them: turning "
          + "logits into distributions, drawing tokens, verification, rollback. Writes a profile for --latency.",
      "",
      "Every pass is timed in the company that it has in decoding, all shapes in turns; medians count, quartiles show "
          + "the spread. With --import, reads times that another program measured."
    },
    footer = {
      "",
      "Examples:",
      "  redraft profile --out out/profile.json",
      "  redraft profile --models models/NAME --rows 6 --max-context 512 --rounds 6 --out out/quick.json",
      "  redraft replay traces/tiny-t1.jsonl.gz --latency out/profile.json",
      "  llama-bench -m target.gguf -m draft.gguf -p 2,4,8,16 -n 32 -d 0,1024 -o json > bench.json",
      "  redraft profile --import llama-bench bench.json --out out/llama.json",
      "  redraft profile --import llmservingsim profiler/perf/RTX4090/Llama-3.1-8B/bf16/tp1 --draft-head --out out/rtx4090.json",
      "  redraft profile --import vllm-bench-forward target.json --with-drafter both.json --out out/vllm.json"
    })
final class ProfileCommand implements Callable<Integer> {
  private static final int USUAL_ROWS = GridOptions.Defaults.LONGEST_DRAFT + 1;

  @Mixin private ModelOptions models;

  @Mixin private DraftOptions draft;

  @Written
  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "Profile to write, JSON.")
  private Path out;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "The profile's name in reports (default: the file's name).")
  private String name;

  @Option(
      names = "--rows",
      paramLabel = "N",
      description =
          "Most rows of a pass: the longest draft and one more (default: "
              + USUAL_ROWS
              + ", for every draft length that replay, best and sweep look at unless told otherwise).")
  private int rows = USUAL_ROWS;

  @Option(
      names = "--contexts",
      paramLabel = "N",
      defaultValue = "8",
      description = "How many lengths of context, evenly spaced (default: ${DEFAULT-VALUE}).")
  private int contexts;

  @Option(
      names = "--max-context",
      paramLabel = "N",
      description =
          "Longest context with its rows (default: "
              + Profiling.Extent.USUAL_CONTEXT
              + ", or the models' limit where that is less).")
  private Integer maxContext;

  @Mixin private TimingOptions timing;

  @Mixin private BenchOptions bench;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    String called = name == null ? ResultFiles.name(out).replaceFirst("\\.json$", "") : name;
    bench.check();
    if (bench.ofLayers()) {
      importLayers(called);
      return 0;
    }
    if (bench.ofBatches()) {
      importBatches(called);
      return 0;
    }
    MeasuredProfile profile = bench.given() ? imported(called) : measure(called);
    String source = bench.given() ? bench.source() : thisMachine();
    ProfileFiles.write(out, profile, source, LocalDate.now().toString());
    PrintWriter print = spec.commandLine().getOut();
    print.println(ProfileTables.text(profile, Terminal.screen()));
    print.println("It knows the cost of draft lengths up to " + (profile.target().maxRows() - 1));
    print.println("Wrote " + out);
    print.flush();
    return 0;
  }

  private void importLayers(String called) throws IOException {
    LlmServingSim read = bench.readLayers(called);
    LocalDate today = LocalDate.now();
    LayerFiles.write(
        out, read.latency(), read.source(), read.date() == null ? today.toString() : read.date());
    PrintWriter err = spec.commandLine().getErr();
    read.notes().forEach(note -> err.println(Message.line(note)));
    PrintWriter print = spec.commandLine().getOut();
    print.println(ProfileTables.text(read.latency(), Terminal.screen()));
    print.println(
        read.latency().draftModel() == null
            ? "No draft was measured, so steps that draft with a model have no cost (--draft-dir, --draft-head)"
            : "Drafts: " + read.latency().draftModel());
    print.println("Wrote " + out);
    print.flush();
  }

  private void importBatches(String called) throws IOException {
    VllmBenchForward read = bench.readBatches(called);
    LayerFiles.write(out, read.latency(), bench.source(), LocalDate.now().toString());
    PrintWriter err = spec.commandLine().getErr();
    read.notes().forEach(note -> err.println(Message.line(note)));
    PrintWriter print = spec.commandLine().getOut();
    print.println(
        "It knows the cost of batches up to "
            + read.latency().batchReach()
            + ", draft lengths up to "
            + read.latency().draftReach()
            + " and contexts up to "
            + read.latency().contextReach());
    print.println("Wrote " + out);
    print.flush();
  }

  private static String thisMachine() {
    return "redraft profile, Java "
        + System.getProperty("java.version")
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " processors, "
        + System.getProperty("os.name")
        + " "
        + System.getProperty("os.arch");
  }

  private MeasuredProfile imported(String called) throws IOException {
    LlamaBench read = bench.read(called);
    MeasuredProfile profile = read.profile();
    PrintWriter err = spec.commandLine().getErr();
    err.println(Message.line("target " + read.target()));
    err.println(Message.line("draft " + read.draft()));
    if (profile.target().anyContext()) {
      err.println(
          Message.line(
              "one depth was measured, so passes cost as if context did not matter; llama-bench -d measures more"));
    }
    return profile;
  }

  private MeasuredProfile measure(String called) {
    Profiling.Extent extent =
        new Profiling.Extent(rows, contexts, maxContext, timing.rounds(12, 2));
    try (OnnxPair pair = models.load(draft::needs);
        Profiling profiling = new Profiling(pair.target(), draft.model(pair), extent);
        Progress progress = new Progress("profile", profiling.rounds())) {
      long started = System.nanoTime();
      return profiling.measure(
          called,
          done -> {
            progress.stepTo(done);
            if (done == profiling.cycle()) {
              estimate((System.nanoTime() - started) / 1e9 / done * (profiling.rounds() - done));
            }
          });
    }
  }

  private void estimate(double seconds) {
    PrintWriter err = spec.commandLine().getErr();
    err.printf(
        Locale.ROOT,
        "redraft: about %.0f s to go; fewer --rows, --contexts and --rounds and a shorter --max-context take less%n",
        seconds);
    err.flush();
  }
}
