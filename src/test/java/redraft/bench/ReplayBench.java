package redraft.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.latency.StepCosts;
import redraft.policy.FixedLength;
import redraft.replay.ExactReplay;
import redraft.replay.ReplaySequence;
import redraft.replay.RuleLaw;
import redraft.steps.StepLog;
import redraft.verify.RecordedPath;
import redraft.verify.VerificationRules;

/**
 * Nanoseconds that a position takes to replay on one core, once the trace is in memory.
 *
 * <p>Method: a million positions with seeded ratios, in sequences of 500 for each rule and draft
 * length, and in sequences of other lengths for the token rule at draft length 8; every setting in
 * a virtual machine of its own. Run it with {@code scripts/bench replay}; more iterations, other
 * parameters: {@code scripts/bench replay -wi 5 -i 9 -p draftLength=4}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(ReplayBench.POSITIONS)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-XX:+UseSerialGC"})
public class ReplayBench {
  static final int POSITIONS = 1_000_000;

  /** Sequences of one length, and what replays them. */
  private static final class Work {
    private final ExactReplay replay;
    private final StepCosts costs = new StepCosts(new Deployment(new ConstantRatio(0.1)), 1);
    private final ReplaySequence[] sequences;

    Work(String rule, int draftLength, int length) {
      SplittableRandom random = new SplittableRandom(1);
      replay = new ExactReplay(new FixedLength(draftLength), false);
      sequences = new ReplaySequence[POSITIONS / length];
      for (int i = 0; i < sequences.length; i++) {
        double[] ratio = random.doubles(length, 0, 1.5).toArray();
        RuleLaw law =
            new RuleLaw(VerificationRules.named(rule), new RecordedPath(ratio, null, null));
        sequences[i] = new ReplaySequence("text", law, 100, true);
      }
    }

    double run() {
      double time = 0;
      for (ReplaySequence sequence : sequences) {
        StepLog log = new StepLog(sequence.tokens());
        replay.replay(sequence, log);
        time += log.costs(costs.of(sequence.promptTokens(), 0))[0];
      }
      return time;
    }
  }

  /** By rule and draft length. */
  @State(Scope.Thread)
  public static class Setting {
    @Param({"token", "block"})
    public String rule;

    @Param({"1", "2", "4", "8", "16", "32"})
    public int draftLength;

    private Work work;

    @Setup(Level.Trial)
    public void prepare() {
      work = new Work(rule, draftLength, 500);
    }
  }

  /** By length of the sequences. */
  @State(Scope.Thread)
  public static class Length {
    @Param({"100", "100000"})
    public int length;

    private Work work;

    @Setup(Level.Trial)
    public void prepare() {
      work = new Work("token", 8, length);
    }
  }

  @Benchmark
  public double position(Setting setting) {
    return setting.work.run();
  }

  @Benchmark
  public double positionOfSequence(Length length) {
    return length.work.run();
  }
}
