package redraft.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import redraft.latency.ConstantRatio;
import redraft.latency.Prices;
import redraft.policy.FixedLength;
import redraft.replay.ExactReplay;
import redraft.replay.ReplaySequence;
import redraft.replay.RuleLaw;
import redraft.verify.BlockRule;
import redraft.verify.RecordedPath;
import redraft.verify.TokenRule;
import redraft.verify.VerificationRule;

/**
 * Positions × configurations replayed in a second on one core, once the trace is in memory.
 *
 * <p>Method: 2,000 sequences of 500 positions with seeded ratios; in every round each draft length
 * replays all of them, one after the other in turns, on one thread; two rounds warm up, the median
 * of the next nine counts. Run it with {@code scripts/bench replay}.
 */
public final class ReplayBench {
  private static final int[] DRAFT_LENGTHS = {1, 2, 4, 8, 16, 32};
  private static final int SEQUENCES = 2000;
  private static final int WARM_UP = 2;
  private static final int ROUNDS = 9;

  private ReplayBench() {}

  public static void main(String[] arguments) {
    System.out.println("rule   K   positions x configurations / s / core   ns per position");
    for (VerificationRule rule : new VerificationRule[] {new TokenRule(), new BlockRule()}) {
      measure(rule, 500);
    }
    System.out.println();
    System.out.println("token rule at K = 8, by sequence length:");
    for (int length : new int[] {100, 1000, 10000, 100000}) {
      double[] nanos = nanosPerPosition(new TokenRule(), length, 1_000_000 / length, new int[] {8});
      System.out.printf(Locale.ROOT, "  %6d positions: %5.2f ns per position%n", length, nanos[0]);
    }
  }

  private static void measure(VerificationRule rule, int length) {
    double[] nanos = nanosPerPosition(rule, length, SEQUENCES, DRAFT_LENGTHS);
    for (int i = 0; i < nanos.length; i++) {
      System.out.printf(
          Locale.ROOT,
          "%-6s %2d   %,37.0f   %15.2f%n",
          rule.name(),
          DRAFT_LENGTHS[i],
          1e9 / nanos[i],
          nanos[i]);
    }
  }

  private static double[] nanosPerPosition(
      VerificationRule rule, int length, int sequences, int[] draftLengths) {
    SplittableRandom random = new SplittableRandom(1);
    ReplaySequence[] courses = new ReplaySequence[sequences];
    for (int i = 0; i < sequences; i++) {
      double[] ratio = new double[length];
      for (int t = 0; t < length; t++) {
        ratio[t] = 1.5 * random.nextDouble();
      }
      courses[i] =
          new ReplaySequence(
              "text", new RuleLaw(rule, new RecordedPath(ratio, null, null)), 100, true);
    }
    double[][] nanos = new double[draftLengths.length][ROUNDS];
    double sum = 0; // used below, so that nothing is optimised away
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      for (int k = 0; k < draftLengths.length; k++) {
        ExactReplay replay =
            new ExactReplay(
                new FixedLength(draftLengths[k]), Prices.of(new ConstantRatio(0.1), 1), false);
        long started = System.nanoTime();
        for (ReplaySequence course : courses) {
          sum += replay.replay(course).time();
        }
        nanos[k][Math.max(0, round)] =
            (System.nanoTime() - started) / (double) ((long) sequences * length);
      }
    }
    if (!(sum > 0)) {
      throw new IllegalStateException("no time passed in any replay");
    }
    return Arrays.stream(nanos)
        .mapToDouble(row -> Arrays.stream(row).sorted().toArray()[ROUNDS / 2])
        .toArray();
  }
}
