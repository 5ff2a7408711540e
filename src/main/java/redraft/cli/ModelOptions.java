package redraft.cli;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import redraft.model.LanguageModel;
import redraft.model.onnx.OnnxOptions;
import redraft.model.onnx.OnnxPair;
import redraft.model.pair.FileHashes;
import redraft.model.pair.ModelPair;
import redraft.model.pair.PairFiles;
import redraft.model.pair.PairManifest.ModelEntry;
import redraft.recording.LivePair;

/** Which models, and how they are run. */
final class ModelOptions {
  private static final long MUCH = 1_000_000_000; // bytes

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

  /**
   * Loads the target and some drafts of the pair; what there is to know of it goes to standard
   * error.
   *
   * @param wanted of the names of the pair's drafts, the first of which is given first
   */
  OnnxPair load(BiPredicate<String, String> wanted) {
    OnnxOptions large = new OnnxOptions(targetThreads(), !singleRows);
    OnnxOptions small = new OnnxOptions(threads("--draft-threads", draftThreads), !singleRows);
    FileHashes hashes = verifyHashes ? FileHashes.fresh() : FileHashes.remembered(System.getenv());
    PairFiles files = new PairFiles(models, hashes);
    List<ModelEntry> drafts = files.manifest().drafts();
    Predicate<String> loaded = draft -> wanted.test(drafts.get(0).name(), draft);
    sayWhatItTakes(files, loaded);
    OnnxPair pair = new OnnxPair(files, large, small, loaded);
    pair.warnings().forEach(this::warn);
    return pair;
  }

  /** Where loading takes long and much, that is said before. */
  private void sayWhatItTakes(PairFiles files, Predicate<String> loaded) {
    long bytes = 0;
    int count = 0;
    for (ModelEntry model : files.manifest().models()) {
      if (model == files.manifest().target() || loaded.test(model.name())) {
        bytes += files.memory(model);
        count++;
      }
    }
    if (bytes > MUCH) {
      OperatingSystemMXBean machine =
          ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
      note(
          String.format(
              Locale.ROOT,
              "loading %d model%s takes about %.1f GB of the %.1f GB of memory that this machine has",
              count,
              count == 1 ? "" : "s",
              bytes / 1e9,
              machine.getTotalMemorySize() / 1e9));
    }
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
    note("warning: " + warning);
  }

  private void note(String note) {
    command.commandLine().getErr().println(Message.line(note));
  }
}
