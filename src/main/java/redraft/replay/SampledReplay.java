package redraft.replay;

import java.util.random.RandomGenerator;
import redraft.policy.DraftLengthPolicy;
import redraft.sampling.RandomStreams;
import redraft.steps.StepSink;

/**
 * Draws whole runs of speculative decoding on a recorded path: the same law as {@link ExactReplay},
 * shown as spread. The random numbers depend on the seed and the sequence only, so that settings
 * are compared on the same numbers.
 */
public final class SampledReplay implements Replayer {
  private final DraftLengthPolicy policy;
  private final int runs;
  private final RandomStreams streams;

  /**
   * @param runs timelines to draw of each sequence, at least 1
   */
  public SampledReplay(DraftLengthPolicy policy, int runs, RandomStreams streams) {
    if (runs < 1) {
      throw new IllegalArgumentException("sampled timelines " + runs + " must be at least 1");
    }
    if (policy.stopping() != null) {
      throw new IllegalArgumentException(
          "policy '"
              + policy.name()
              + "' has no sampled timelines: how many tokens a block drafted goes with which of them was rejected, and a trace"
              + " knows it on average only; leave out --sampled");
    }
    policy.start(); // or refuse a policy that no single run can follow
    this.policy = policy;
    this.runs = runs;
    this.streams = streams;
  }

  @Override
  public void replay(ReplaySequence sequence, StepSink sink) {
    AcceptanceLaw law = sequence.law();
    int tokens = law.length();
    boolean catchesUp = sequence.catchesUp();
    RandomGenerator random = streams.stream("replay/" + sequence.name());
    double[] survival = new double[tokens + 1];
    for (int run = 0; run < runs; run++) {
      if (run > 0) {
        sink.nextRun();
      }
      if (sequence.ahead() != null) {
        runAhead(sequence, random, survival, sink);
        continue;
      }
      DraftLengthPolicy.Memory memory = policy.start();
      for (int t = 0; t < tokens; ) {
        int count = sequence.drafted(t, memory.length());
        int left = tokens - t - 1;
        int most = Math.min(count, left);
        law.survival(t, most, survival);
        int accepted = accepted(survival, most, random);
        sink.step(sequence.steps().apply(count), t, 1);
        sink.accepted(accepted, 1);
        if (accepted < most) {
          sink.rejected(accepted, t, 1);
        }
        if (catchesUp && accepted == count && count > 0 && accepted < left) {
          sink.catchUp(t + count + 1, 1);
        }
        memory = memory.after(count, accepted);
        t += accepted + 1;
      }
    }
  }

  private static int accepted(double[] survival, int most, RandomGenerator random) {
    double u = random.nextDouble();
    int accepted = 0;
    while (accepted < most && u < survival[accepted + 1]) {
      accepted++;
    }
    return accepted;
  }

  /** One run of a draft that works while the target verifies. */
  private void runAhead(
      ReplaySequence sequence, RandomGenerator random, double[] survival, StepSink sink) {
    Ahead ahead = sequence.ahead();
    int draftLength = policy.initialLength();
    boolean ready = false;
    for (int t = 0; t < sequence.tokens(); ) {
      int tested = AheadReplay.tested(sequence, ready, t, draftLength);
      int most = Math.min(tested, sequence.tokens() - t - 1);
      sequence.law().survival(t, most, survival);
      int accepted = accepted(survival, most, random);
      boolean whole = accepted == tested;
      int emitted = AheadReplay.emitted(ahead, whole, accepted);
      sink.step(ahead.step(ready, draftLength, tested), t, 1);
      sink.accepted(emitted - 1, 1);
      if (accepted < most) {
        sink.rejected(accepted, t, 1);
      }
      t += emitted;
      ready = t < sequence.tokens() && ahead.ready(t, whole);
    }
  }
}
