package redraft.replay;

import redraft.policy.DraftLengthPolicy;
import redraft.steps.StepSink;

/**
 * The exact expectation where the draft works while the target verifies: u_t of {@link
 * ExactReplay}, split by whether the step at t is ready. O(N · K).
 */
final class AheadReplay implements Replayer {
  private final int draftLength;
  private final boolean histogram;

  /**
   * @param policy of one draft length
   */
  AheadReplay(DraftLengthPolicy policy, boolean histogram) {
    draftLength = policy.initialLength();
    this.histogram = histogram;
  }

  @Override
  public void replay(ReplaySequence sequence, StepSink sink) {
    Ahead ahead = sequence.ahead();
    AcceptanceLaw law = sequence.law();
    int tokens = law.length();
    double[] survival = new double[tokens + 1];
    double[][] start = new double[2][tokens + 1]; // [ready]: u_t
    start[0][0] = 1;
    for (int t = 0; t < tokens; t++) {
      for (int ready = 0; ready < 2; ready++) {
        double u = start[ready][t];
        if (u == 0) {
          continue;
        }
        int tested = tested(sequence, ready == 1, t, draftLength);
        int most = Math.min(tested, tokens - t - 1);
        sink.step(ahead.step(ready == 1, draftLength, tested), t, u);
        law.survival(t, most, survival);
        for (int k = 0; k <= most; k++) {
          double probability = u * (k < most ? survival[k] - survival[k + 1] : survival[k]);
          if (probability == 0) {
            continue;
          }
          boolean whole = k == tested;
          int emitted = emitted(ahead, whole, k);
          if (histogram) {
            sink.accepted(emitted - 1, probability);
            if (k < most) {
              sink.rejected(k, t, probability);
            }
          }
          int next = t + emitted;
          if (next < tokens) {
            start[ahead.ready(next, whole) ? 1 : 0][next] += probability;
          }
        }
      }
    }
  }

  /** Tokens that a step at this position tests. */
  static int tested(ReplaySequence sequence, boolean ready, int position, int draftLength) {
    int tested = sequence.ahead().tested(ready, draftLength);
    int left = sequence.tokens() - position - 1;
    return sequence.endKnown()
        ? Math.min(tested, sequence.ahead().bonus() ? left : left + 1)
        : tested;
  }

  /** Tokens that a step emits, all of whose tokens or the first so many are accepted. */
  static int emitted(Ahead ahead, boolean whole, int accepted) {
    return whole && !ahead.bonus() ? accepted : accepted + 1;
  }
}
