package redraft.cli;

import picocli.CommandLine.Option;

/** How often each prompt is continued in a trace. */
final class SampleOptions {
  private static final int MOST = 1_000_000;

  @Option(
      names = "--samples",
      paramLabel = "S",
      description =
          "Continuations of each prompt in the trace (default: 1; where live runs are predicted from it, 8); at "
              + "temperature 0, where all are the same, 1 will do.")
  private Integer samples;

  /**
   * @param usual where none was named
   */
  int samples(int usual) {
    return samples == null ? usual : WholeNumbers.require("--samples", samples, 1, MOST);
  }
}
