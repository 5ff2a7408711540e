package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.latency.LlamaBench;
import redraft.latency.MeasuredProfile;
import redraft.latency.ProfileFiles;
import redraft.model.LanguageModel;
import redraft.model.onnx.OnnxPair;
import redraft.recording.PassProfiler;
import redraft.report.ProfileTables;
import redraft.sampling.SamplingParameters;

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
      "  redraft replay traces/tiny-t1.jsonl.gz --latency out/profile.json",
      "  llama-bench -m target.gguf -m draft.gguf -p 2,4,8,16 -n 32 -d 0,1024 -o json > bench.json",
      "  redraft profile --import llama-bench bench.json --out out/llama.json"
    })
final class ProfileCommand implements Callable<Integer> {
  private static final String LLAMA_BENCH = "llama-bench";
  private static final int WARM_UP_CYCLES = 3;

  @Mixin private ModelOptions models;

  @Option(
      names = "--draft",
      paramLabel = "NAME",
      description = "Draft of the pair (default: the pair's first).")
  private String draft;

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
      defaultValue = "16",
      description =
          "Most rows of a pass: the longest draft and one more (default: ${DEFAULT-VALUE}).")
  private int rows;

  @Option(
      names = "--contexts",
      paramLabel = "N",
      defaultValue = "8",
      description = "How many lengths of context, evenly spaced (default: ${DEFAULT-VALUE}).")
  private int contexts;

  @Option(
      names = "--max-context",
      paramLabel = "N",
      description = "Longest context with its rows (default: the models' limit).")
  private Integer maxContext;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "12",
      description =
          "Times that every shape is measured under greedy and under sampled decoding (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--import",
      paramLabel = "KIND",
      description = "Read times measured elsewhere: " + LLAMA_BENCH + " (its JSON or JSON Lines).")
  private String kind;

  @Option(
      names = "--target-model",
      paramLabel = "PART",
      description = "With --import: part of the target's file name (default: the larger of two).")
  private String targetModel;

  @Option(
      names = "--draft-model",
      paramLabel = "PART",
      description = "With --import: part of the draft's file name (default: the smaller of two).")
  private String draftModel;

  @Option(
      names = "--setting",
      paramLabel = "FIELD=VALUE",
      description =
          "With --import: the configuration to take, where files hold several, by fields of the file: n_threads=8, or of "
              + "one model, draft.n_gpu_layers=0. Can be repeated.")
  private List<String> settings = List.of();

  @Parameters(paramLabel = "FILE", arity = "0..*", description = "Files to --import.")
  private List<Path> files = List.of();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    String called = name == null ? out.getFileName().toString().replaceFirst("\\.json$", "") : name;
    MeasuredProfile profile;
    String source;
    if (kind == null) {
      if (!files.isEmpty() || targetModel != null || draftModel != null || !settings.isEmpty()) {
        throw new IllegalArgumentException(
            "files, --target-model, --draft-model and --setting go with --import " + LLAMA_BENCH);
      }
      profile = measure(called);
      source =
          "redraft profile, Java "
              + System.getProperty("java.version")
              + ", "
              + Runtime.getRuntime().availableProcessors()
              + " processors, "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch");
    } else {
      profile = imported(called);
      source = kind + ", imported from " + files.stream().map(Path::getFileName).toList();
    }
    ProfileFiles.write(out, profile, source, LocalDate.now().toString());
    print(profile);
    return 0;
  }

  private MeasuredProfile imported(String called) throws IOException {
    if (!kind.equals(LLAMA_BENCH) || files.isEmpty()) {
      throw new IllegalArgumentException(
          "--import " + kind + ": name " + LLAMA_BENCH + " and its files");
    }
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException("file " + file + " does not exist");
      }
    }
    LlamaBench bench =
        LlamaBench.read(files, called, new LlamaBench.Choice(targetModel, draftModel, settings));
    PrintWriter err = spec.commandLine().getErr();
    err.println("redraft: target " + bench.target());
    err.println("redraft: draft " + bench.draft());
    return bench.profile();
  }

  private MeasuredProfile measure(String called) {
    if (rounds < 2 || contexts < 1) {
      throw new IllegalArgumentException(
          "--rounds " + rounds + " must be at least 2, --contexts " + contexts + " at least 1");
    }
    try (OnnxPair pair = models.load()) {
      LanguageModel target = pair.target();
      LanguageModel drafter = draft == null ? pair.drafts().get(0) : pair.draft(draft);
      int limit = Math.min(target.contextLength(), drafter.contextLength());
      if (maxContext != null && (maxContext > limit || maxContext <= rows)) {
        throw new IllegalArgumentException(
            "--max-context "
                + maxContext
                + " must be more than --rows "
                + rows
                + " and at most the models' limit, "
                + limit);
      }
      try (PassProfiler profiler =
          new PassProfiler(
              target,
              drafter,
              List.of(SamplingParameters.temperature(0), SamplingParameters.temperature(1)),
              text(target),
              PassProfiler.contexts(maxContext == null ? limit : maxContext, rows, contexts),
              rows)) {
        int warmUp = WARM_UP_CYCLES * profiler.cycle();
        int all = warmUp + rounds * profiler.cycle();
        try (Progress progress = new Progress("profile", all)) {
          for (int round = 0; round < all; round++) {
            profiler.round(round >= warmUp);
            progress.stepTo(round + 1);
          }
        }
        return profiler.result(called);
      }
    }
  }

  /** Some text to read; passes cost the same whatever it says. */
  private static int[] text(LanguageModel model) {
    int[] text = new int[1024];
    Arrays.setAll(text, i -> (i * 37 + 11) % model.vocabularySize());
    return text;
  }

  private void print(MeasuredProfile profile) {
    PrintWriter print = spec.commandLine().getOut();
    print.println(ProfileTables.text(profile));
    if (kind != null && profile.target().anyContext()) {
      spec.commandLine()
          .getErr()
          .println(
              "redraft: one depth was measured, so passes are priced as if context did not matter; llama-bench -d measures more");
    }
    print.println("It prices draft lengths up to " + (profile.target().maxRows() - 1));
    print.println("Wrote " + out);
    print.flush();
  }
}
