package redraft.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import redraft.hardware.Precision;
import redraft.validation.LlamaServerRuns;
import redraft.validation.MeasuredRun;

/** Runs that a serving engine timed itself, and what its answers do not say of them. */
final class ServerRunOptions {
  private static final String LLAMA_SERVER = "llama-server";

  static final class Kinds extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Kinds() {
      super(List.of(LLAMA_SERVER));
    }
  }

  @Option(
      names = "--import",
      paramLabel = "KIND",
      completionCandidates = Kinds.class,
      description =
          "Read runs that a server timed: ${COMPLETION-CANDIDATES} (its answers, JSON Lines; those without draft_n are plain "
              + "decoding, the others of each file one run). Needs the options that follow.")
  private String kind;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      completionCandidates = Names.Engines.class,
      description = "With --import: the engine and its backend, such as llama.cpp-cuda.")
  private String engine;

  @Option(
      names = "--hardware",
      paramLabel = "NAME|FILE",
      completionCandidates = Names.Hardware.class,
      description = "With --import: what it ran on.")
  private String hardware;

  @Option(
      names = "--target-model",
      paramLabel = "NAME|FILE",
      completionCandidates = Names.Models.class,
      description = "With --import: size of the target.")
  private String target;

  @Option(
      names = "--draft-model",
      paramLabel = "NAME|FILE",
      completionCandidates = Names.Models.class,
      description = "With --import: size of the draft, or ngram for a look-up.")
  private String draft;

  @Option(
      names = "--precision",
      paramLabel = "P",
      description = "With --import: weights of the target, such as q4_k_m (default: bf16).")
  private String precision;

  @Option(
      names = "--draft-precision",
      paramLabel = "P",
      description = "With --import: weights of the draft (default: those of the target).")
  private String draftPrecision;

  boolean given() {
    return kind != null;
  }

  /** Refuses what does not go together. */
  void check() {
    Stream<String> setup = Stream.of(engine, hardware, target, draft, precision, draftPrecision);
    if (!given() && !setup.allMatch(option -> option == null)) {
      throw new IllegalArgumentException(
          "--engine, --hardware, --target-model, --draft-model and precisions go with --import "
              + LLAMA_SERVER
              + "; a file of runs says them itself");
    }
    if (given()
        && (!kind.equals(LLAMA_SERVER)
            || Stream.of(engine, hardware, target, draft).anyMatch(option -> option == null))) {
      throw new IllegalArgumentException(
          "--import "
              + kind
              + ": name "
              + LLAMA_SERVER
              + " with --engine, --hardware, --target-model and --draft-model, which its answers do not say");
    }
  }

  List<MeasuredRun> read(List<Path> files) throws IOException {
    Precision weights = precision == null ? Precision.BF16 : Precision.named(precision);
    return LlamaServerRuns.read(
        files,
        new MeasuredRun.Setup(
            target,
            draft,
            hardware,
            engine,
            weights,
            draftPrecision == null ? weights : Precision.named(draftPrecision)));
  }
}
