package redraft.cli;

import picocli.CommandLine.Option;

/** How many files are read at once. */
final class ThreadOptions {
  private static final int MOST = 1024; // more only wait for each other

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Files of a folder that are read at once (default: the processors).")
  private Integer threads;

  int threads() {
    return threads == null
        ? Runtime.getRuntime().availableProcessors()
        : WholeNumbers.require("--threads", threads, 1, MOST);
  }
}
