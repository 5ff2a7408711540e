package redraft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import redraft.json.ResultFiles;
import redraft.latency.LlamaBench;

/** Times that another program measured. */
final class BenchOptions {
  private static final String LLAMA_BENCH = "llama-bench";

  static final class Kinds extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Kinds() {
      super(List.of(LLAMA_BENCH));
    }
  }

  @Option(
      names = "--import",
      paramLabel = "KIND",
      completionCandidates = Kinds.class,
      description =
          "Read times measured elsewhere: ${COMPLETION-CANDIDATES} (its JSON or JSON Lines).")
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

  boolean given() {
    return kind != null;
  }

  /** Refuses what does not go together. */
  void check() {
    if (given() && (!kind.equals(LLAMA_BENCH) || files.isEmpty())) {
      throw new IllegalArgumentException(
          "--import " + kind + ": name " + LLAMA_BENCH + " and its files");
    }
    if (!given()
        && !(files.isEmpty() && targetModel == null && draftModel == null && settings.isEmpty())) {
      throw new IllegalArgumentException(
          "files, --target-model, --draft-model and --setting go with --import " + LLAMA_BENCH);
    }
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException("file " + file + " does not exist");
      }
    }
  }

  /**
   * @param name of the profile in results
   */
  LlamaBench read(String name) throws IOException {
    return LlamaBench.read(files, name, new LlamaBench.Choice(targetModel, draftModel, settings));
  }

  /** Where the times are from. */
  String source() {
    return kind + ", imported from " + files.stream().map(ResultFiles::name).toList();
  }
}
