package redraft.cli;

import picocli.CommandLine.Option;

/** How often live work is timed. */
final class TimingOptions {
  private static final int MOST = 10_000;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description =
          "Times that everything is timed, all in turns, after a warm-up (default: 3, and 0 for the text alone; where many settings are compared, 2; "
              + "of every shape of pass, 12).")
  private Integer rounds;

  /**
   * @param usual where none was named
   * @param least that make a result
   */
  int rounds(int usual, int least) {
    return rounds == null ? usual : WholeNumbers.require("--rounds", rounds, least, MOST);
  }
}
