package redraft.cli;

import picocli.CommandLine.Option;
import redraft.trace.LogitDetail;

/** How many raw logits a trace keeps. */
final class LogitOptions {
  @Option(
      names = "--logits",
      paramLabel = "none|top|all",
      defaultValue = "none",
      completionCandidates = Names.LogitDetails.class,
      description = "Raw logits kept at each position (default: ${DEFAULT-VALUE}).")
  LogitDetail detail;

  @Option(
      names = "--top-logits",
      paramLabel = "N",
      defaultValue = "64",
      description = "How many for --logits top (default: ${DEFAULT-VALUE}).")
  private int top;

  int top() {
    if (top < 1) {
      throw new IllegalArgumentException("--top-logits " + top + " must be at least 1");
    }
    return top;
  }
}
