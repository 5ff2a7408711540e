package redraft.cli;

import picocli.CommandLine.Option;

/** How often each prompt is continued in a trace. */
final class SampleOptions {
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
    if (samples != null && samples < 1) {
      throw new IllegalArgumentException("--samples " + samples + " must be at least 1");
    }
    return samples == null ? usual : samples;
  }
}
