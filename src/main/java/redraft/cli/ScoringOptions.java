package redraft.cli;

import java.util.List;
import picocli.CommandLine.Option;
import redraft.recording.Recording.Pace;

/** Recording through servers that score a text at once. */
final class ScoringOptions {
  static final List<String> NAMES =
      List.of("--concurrency", "--token-budget", "--score-target", "--vocabulary-size");

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "With --server-api openai: texts that the servers work on at once; the trace has them in the same order"
              + " (default: ${DEFAULT-VALUE}).")
  private int concurrency;

  @Option(
      names = "--token-budget",
      paramLabel = "N",
      description =
          "With --server-api openai: most tokens, read and written by all servers together, that this run may take; it stops"
              + " before a text that may exceed them, and --resume goes on.")
  private Long tokenBudget;

  @Option(
      names = "--score-target",
      description =
          "With --server-api openai: let the target read its own texts too, and say how far its ln p then differs from that of"
              + " its writing, which is how far the trace can be trusted.")
  boolean scoreTarget;

  @Option(
      names = "--vocabulary-size",
      paramLabel = "N",
      description =
          "With --server-api openai: tokens of the vocabulary (default: as the server says, which vLLM does).")
  int vocabularySize;

  void check() {
    WholeNumbers.require("--concurrency", concurrency, 1, 1024);
    if (tokenBudget != null && tokenBudget < 1) {
      throw new IllegalArgumentException("--token-budget " + tokenBudget + " must be at least 1");
    }
    if (vocabularySize < 0) {
      throw new IllegalArgumentException(
          "--vocabulary-size " + vocabularySize + " must be at least 1");
    }
  }

  /**
   * @param spent tokens that are taken off the budget
   */
  Pace pace(long spent) {
    return new Pace(concurrency, tokenBudget == null ? Long.MAX_VALUE : tokenBudget - spent);
  }
}
