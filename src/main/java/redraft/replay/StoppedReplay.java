package redraft.replay;

import redraft.draft.Stopping;
import redraft.policy.DraftLengthPolicy;
import redraft.steps.StepShape;
import redraft.steps.StepSink;

/**
 * The exact expectation under a policy that ends blocks on the draft's own signal. Accepted tokens
 * are the path's, so while all are accepted the signals are the path's: a block that starts at t
 * would draft K(t) tokens, and P(at least k accepted) is S_k up to there and 0 beyond. That gives
 * all starts of steps. How many tokens a block drafted that was rejected on the way goes with the
 * chain that the draft writes by itself, whatever the rule: where such chains were recorded their
 * count is told, which is right on average; otherwise no more is known than that it is more than
 * were accepted, and bounds are told (docs/theory.md, "Stopping on the draft's signal").
 */
final class StoppedReplay implements Replayer {
  /** What is told of blocks whose end is not known. */
  enum Unknown {
    /** That they ended after their first rejected token. */
    LEAST,
    /** The one and the other, half each. */
    MIDDLE,
    /** That they went on to their full length. */
    MOST
  }

  private final DraftLengthPolicy policy;
  private final Stopping stopping;
  private final boolean histogram;
  private final Unknown unknown;

  /**
   * @param policy that stops
   */
  StoppedReplay(DraftLengthPolicy policy, boolean histogram, Unknown unknown) {
    this.policy = policy;
    stopping = policy.stopping();
    this.histogram = histogram;
    this.unknown = unknown;
  }

  StoppedReplay assuming(Unknown other) {
    return new StoppedReplay(policy, histogram, other);
  }

  /** Whether chains say how much is drafted. */
  boolean knows(ReplaySequence sequence) {
    return sequence.signals().knowsChains(policy.initialLength());
  }

  @Override
  public void replay(ReplaySequence sequence, StepSink sink) {
    AcceptanceLaw law = sequence.law();
    PathSignals signals = sequence.signals();
    int tokens = law.length();
    boolean known = knows(sequence);
    double[] start = new double[tokens]; // u_t
    double[] survival = new double[policy.initialLength() + 1];
    start[0] = 1;
    for (int t = 0; t < tokens; t++) {
      double u = start[t];
      if (u == 0) {
        continue;
      }
      int left = tokens - t - 1; // tokens after the one that a step emits in any case
      int most = sequence.drafted(t, policy.initialLength());
      int onPath = signals.onPath(t, Math.min(most, left), stopping);
      boolean whole = onPath < left || onPath == most; // or the path ends before the block does
      law.survival(t, onPath, survival);
      sink.start(t, u);
      for (int k = 0; k <= onPath; k++) {
        double probability = u * (k < onPath ? survival[k] - survival[k + 1] : survival[k]);
        if (histogram) {
          sink.accepted(k, probability);
        }
        if (k < onPath && probability > 0) { // the next one was drafted too
          sink.rejected(k, t, probability);
        }
        if (k < left) {
          start[t + k + 1] += probability;
        }
        if (!known) {
          tellBounds(sink, t, k, onPath, whole, most, probability);
        }
      }
      if (known) {
        int position = t;
        signals.chain(
            t,
            most,
            stopping,
            (count, asked, weight) -> {
              if (weight > 0) {
                sink.passes(shape(count, asked), position, u * weight);
              }
            });
      }
      // A pass that said no to the next token has read all that were drafted.
      boolean unread = onPath == most || !stopping.signal().beforeDrawing();
      if (onPath > 0 && onPath < left && unread) {
        sink.catchUp(t + onPath + 1, u * survival[onPath]);
      }
    }
  }

  /** A block of which so many were accepted: all that it would draft of the path, or fewer. */
  private void tellBounds(
      StepSink sink, int t, int accepted, int onPath, boolean whole, int most, double weight) {
    int least = accepted == onPath ? accepted : accepted + 1;
    int greatest = accepted == onPath && whole ? accepted : most;
    if (weight == 0) {
      return;
    }
    if (unknown == Unknown.LEAST || least == greatest) {
      sink.passes(shape(least, most), t, weight);
    } else if (unknown == Unknown.MOST) {
      sink.passes(shape(greatest, most), t, weight);
    } else {
      sink.passes(shape(least, most), t, weight / 2);
      sink.passes(shape(greatest, most), t, weight / 2);
    }
  }

  /** Of a block that stopped there. */
  private StepShape shape(int drafted, int most) {
    return shape(drafted, stopping.signal().beforeDrawing() && drafted < most);
  }

  private static StepShape shape(int drafted, boolean asked) {
    return asked ? StepShape.refusedNext(drafted) : StepShape.chain(drafted);
  }
}
