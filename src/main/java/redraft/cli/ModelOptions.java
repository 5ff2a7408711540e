package redraft.cli;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import redraft.model.LanguageModel;
import redraft.model.onnx.OnnxOptions;
import redraft.model.onnx.OnnxPair;
import redraft.model.pair.FileHashes;
import redraft.model.pair.ModelPair;
import redraft.model.pair.PairFiles;
import redraft.recording.LivePair;

/** Which models, and how they are run. */
final class ModelOptions {
  private static final int THREADS_PER_PROCESSOR = 4;

  @Option(
      names = "--models",
      paramLabel = "DIR",
      defaultValue = "${sys:redraft.home:-.}/models/tiny",
      description = "Model directory with a pair.json (default: the shipped pair, models/tiny).")
  Path models;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of the target's arithmetic (default: all processors).")
  Integer threads;

  @Option(
      names = "--draft-threads",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Threads of the draft's arithmetic (default: ${DEFAULT-VALUE}; a small model is slower with more).")
  int draftThreads;

  @Option(
      names = "--single-rows",
      description =
          "Run a pass of one row as it is. By default it is run as two rows, the second thrown away, so that logits "
              + "do not depend on how rows are grouped; see docs/performance.md for what that costs.")
  boolean singleRows;

  @Option(
      names = "--verify-hashes",
      description =
          "Hash every file of the pair again. By default a file whose path, size, times and inode are those of an earlier "
              + "start is not; see docs/models.md.")
  boolean verifyHashes;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /** Loads the pair; what there is to know of it goes to standard error. */
  OnnxPair load() {
    FileHashes hashes = verifyHashes ? FileHashes.fresh() : FileHashes.remembered(System.getenv());
    OnnxPair pair =
        new OnnxPair(
            new PairFiles(models, hashes),
            new OnnxOptions(targetThreads(), !singleRows),
            new OnnxOptions(threads("--draft-threads", draftThreads), !singleRows));
    pair.warnings().forEach(this::warn);
    return pair;
  }

  /** Threads of the target's arithmetic. */
  int targetThreads() {
    return threads == null
        ? Runtime.getRuntime().availableProcessors()
        : threads("--threads", threads);
  }

  /** More threads than that only wait for each other, the longer the more there are. */
  private static int threads(String option, int threads) {
    int most = THREADS_PER_PROCESSOR * Runtime.getRuntime().availableProcessors();
    if (threads > most) {
      throw new IllegalArgumentException(
          option
              + " "
              + threads
              + " must be at most "
              + most
              + ", "
              + THREADS_PER_PROCESSOR
              + " for each processor here");
    }
    return WholeNumbers.require(option, threads, 1, most);
  }

  /** A pair as live work sees it. */
  static LivePair live(ModelPair pair) {
    return live(pair, pair.drafts());
  }

  /** The same with some of its drafts. */
  static LivePair live(ModelPair pair, List<LanguageModel> drafts) {
    return new LivePair(pair.tokenizer(), pair.target(), drafts, pair.endTokens(), pair.manifest());
  }

  void warn(String warning) {
    command.commandLine().getErr().println(Message.line("warning: " + warning));
  }
}
