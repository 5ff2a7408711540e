package redraft.cli;

import java.util.TreeMap;
import picocli.CommandLine.Option;
import redraft.latency.LatencyModel;
import redraft.latency.StatedLatency;

/** What somebody has measured of a pair on their own machine. */
final class StatedOptions {
  @Option(
      names = "--target-speed",
      paramLabel = "TOKENS/S",
      description =
          "Measured: tokens a second of the target alone, one sequence; or --plain-ms. A draft model needs --draft-speed or --draft-pass-ms too.")
  private Double targetSpeed;

  @Option(
      names = "--draft-speed",
      paramLabel = "TOKENS/S",
      description = "Measured: tokens a second of the draft model alone; or --draft-pass-ms.")
  private Double draftSpeed;

  @Option(
      names = "--plain-ms",
      paramLabel = "MS",
      description = "Measured: milliseconds of a step of plain decoding, 1000 / --target-speed.")
  private Double plainMs;

  @Option(
      names = "--draft-pass-ms",
      paramLabel = "MS",
      description = "Measured: milliseconds of a draft pass, 1000 / --draft-speed.")
  private Double draftPassMs;

  @Option(
      names = "--verify-factor",
      paramLabel = "F",
      description =
          "Measured: a verification of any number of drafted tokens / a plain pass (default: 1, with a warning).")
  private Double verifyFactor;

  @Option(
      names = "--verify-ms",
      paramLabel = "ROWS=MS,…",
      description =
          "Measured: milliseconds of target passes by rows, draft length + 1, such as 1=9.1,4=9.9,8=12; linear between them, "
              + "refused beyond. 1=MS stands for --plain-ms.")
  private String verifyMs;

  @Option(
      names = "--speculation-overhead",
      paramLabel = "MS",
      defaultValue = "0",
      description =
          "Measured: milliseconds that a step which drafts takes besides its passes (default: ${DEFAULT-VALUE}).")
  private double speculationOverheadMs;

  LatencyModel model() {
    TreeMap<Integer, Double> byRows = verifyMs == null ? new TreeMap<>() : byRows(verifyMs);
    boolean plainByRows = byRows.containsKey(1);
    if (plainByRows && (plainMs != null || targetSpeed != null)) {
      throw new IllegalArgumentException(
          "--verify-ms "
              + verifyMs
              + " and "
              + (plainMs != null ? "--plain-ms" : "--target-speed")
              + " both say what a plain step costs; leave out one of them");
    }
    if (verifyMs != null && verifyFactor != null) {
      throw new IllegalArgumentException(
          "--verify-factor and --verify-ms both say what a verification costs; leave out one of them");
    }
    double plain =
        plainByRows
            ? byRows.remove(1)
            : ms(
                "--target-speed", targetSpeed, "--plain-ms", plainMs, "a plain step of the target");
    double draft =
        draftSpeed == null && draftPassMs == null
            ? Double.NaN
            : ms("--draft-speed", draftSpeed, "--draft-pass-ms", draftPassMs, "a draft pass");
    if (verifyMs != null && byRows.isEmpty()) {
      throw new IllegalArgumentException(
          "--verify-ms "
              + verifyMs
              + " names no verification, which has at least 2 rows; add 4=9.9, say");
    }
    StatedLatency.Verification verification =
        verifyMs != null
            ? new StatedLatency.ByRows(byRows)
            : new StatedLatency.Factor(
                verifyFactor == null ? 1 : verifyFactor, verifyFactor == null);
    return new StatedLatency(plain, draft, verification, speculationOverheadMs);
  }

  private static double ms(
      String speedOption, Double speed, String timeOption, Double ms, String what) {
    if ((speed == null) == (ms == null)) {
      throw new IllegalArgumentException(
          speed == null
              ? "nothing says what " + what + " costs: name " + speedOption + " or " + timeOption
              : speedOption
                  + " and "
                  + timeOption
                  + " both say what "
                  + what
                  + " costs; leave out one of them");
    }
    if (speed != null && !(speed > 0 && Double.isFinite(speed))) {
      throw new IllegalArgumentException(
          speedOption + " " + speed + " must be a number of tokens a second above 0");
    }
    return speed == null ? ms : 1000 / speed;
  }

  private static TreeMap<Integer, Double> byRows(String text) {
    TreeMap<Integer, Double> byRows = new TreeMap<>();
    for (String part : text.split(",", -1)) {
      String[] sides = part.split("=", -1);
      try {
        if (sides.length == 2
            && byRows.put(Integer.parseInt(sides[0].strip()), Double.parseDouble(sides[1].strip()))
                == null) {
          continue;
        }
      } catch (NumberFormatException e) {
        // reported below
      }
      throw new IllegalArgumentException(
          "--verify-ms "
              + text
              + ": '"
              + part
              + "' is not rows=milliseconds of rows not named before; write 1=9.1,4=9.9,8=12, say");
    }
    return byRows;
  }
}
