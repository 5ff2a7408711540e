package redraft.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Seconds that {@code redraft sweep} over the shipped trace takes as a user runs it: whole
 * processes, from start to end, reading the trace and writing the CSV included.
 *
 * <p>Method: {@code scripts/redraft sweep traces/tiny-t1.jsonl.gz --csv FILE}, one run to warm up
 * the disk, then five, one after the other; median and least. Run it with {@code scripts/bench
 * sweep}, or {@code scripts/bench sweep 9} for another number of runs.
 */
public final class SweepBench {
  private SweepBench() {}

  public static void main(String[] arguments) throws Exception {
    int runs = arguments.length == 0 ? 5 : Integer.parseInt(arguments[0]);
    Path csv = Files.createTempFile("sweep", ".csv");
    double[] seconds = new double[runs];
    for (int run = -1; run < runs; run++) {
      long started = System.nanoTime();
      int exit =
          new ProcessBuilder(
                  "scripts/redraft", "sweep", "traces/tiny-t1.jsonl.gz", "--csv", csv.toString())
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start()
              .waitFor();
      if (exit != 0) {
        throw new IllegalStateException("redraft sweep ended with exit code " + exit);
      }
      seconds[Math.max(0, run)] = (System.nanoTime() - started) / 1e9;
    }
    long rows = Files.readAllLines(csv).size() - 1;
    Files.delete(csv);
    Arrays.sort(seconds);
    double median = (seconds[(runs - 1) / 2] + seconds[runs / 2]) / 2;
    System.out.printf(
        Locale.ROOT,
        "sweep, %d rows: median %.2f s, least %.2f s of %d runs%n",
        rows,
        median,
        seconds[0],
        runs);
  }
}
