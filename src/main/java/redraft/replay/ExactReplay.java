package redraft.replay;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import redraft.policy.DraftLengthPolicy;
import redraft.steps.StepShape;
import redraft.steps.StepSink;

/**
 * The exact expectation over everything that speculative decoding could have done on a recorded
 * path; no random numbers.
 *
 * <p>Let u_t be the probability that a step starts at position t: u_0 = 1, and a step at t that
 * drafts K tokens starts the next one at t + k + 1 with probability S_k − S_{k+1}, at t + K + 1
 * with S_K, where S is the acceptance law. Every expectation is a sum over t weighted by u_t. A
 * policy that adapts the draft length adds the length to t. O(N · K) for one draft length. A policy
 * that remembers more is followed by {@link MemoryReplay}. A policy that foresees has one step for
 * each outcome instead, but for outcomes too rare to change a sum.
 */
public final class ExactReplay implements Replayer {
  private static final double NEGLIGIBLE = 0x1p-100; // beside 1, whose last bit is 2⁻⁵³
  private static final int FIRST_LOOK = 16; // tokens

  private final DraftLengthPolicy policy;
  private final boolean histogram;

  /**
   * @param histogram whether the sink is to be told of accepted counts, which takes longer
   */
  public ExactReplay(DraftLengthPolicy policy, boolean histogram) {
    this.policy = policy;
    this.histogram = histogram;
  }

  @Override
  public void replay(ReplaySequence sequence, StepSink sink) {
    if (sequence.ahead() != null) {
      new AheadReplay(policy, histogram).replay(sequence, sink);
    } else if (policy.foresees()) {
      replayForeseen(sequence, sink);
    } else if (policy.stopping() != null) {
      new StoppedReplay(policy, histogram, StoppedReplay.Unknown.MIDDLE).replay(sequence, sink);
    } else if (policy.fixed() && !histogram && sequence.law().acceptance() != null) {
      replayIndependent(sequence, policy.initialLength(), sink);
    } else if (policy.start() instanceof DraftLengthPolicy.LengthAlone) {
      replayAny(sequence, sink);
    } else {
      new MemoryReplay(policy, histogram).replay(sequence, sink);
    }
  }

  private void replayAny(ReplaySequence sequence, StepSink sink) {
    AcceptanceLaw law = sequence.law();
    int tokens = law.length();
    boolean catchesUp = sequence.catchesUp();
    double[][] start = new double[tokens][]; // [N][lengths reached at t]: u_t by draft length
    double[] survival = new double[tokens + 1];
    add(start, 0, policy.initialLength(), 1);
    for (int t = 0; t < tokens; t++) {
      if (start[t] == null) {
        continue;
      }
      int left = tokens - t - 1; // tokens after the one that a step emits in any case
      law.survival(t, Math.min(Math.min(start[t].length - 1, law.available(t)), left), survival);
      for (int length = 0; length < start[t].length; length++) {
        double u = start[t][length];
        if (u == 0) {
          continue;
        }
        int count = sequence.drafted(t, length);
        sink.step(sequence.steps().apply(count), t, u);
        int most = Math.min(count, left);
        for (int k = 0; k <= most; k++) {
          double probability = u * (k < most ? survival[k] - survival[k + 1] : survival[k]);
          if (histogram) {
            sink.accepted(k, probability);
            if (k < most && probability > 0) {
              sink.rejected(k, t, probability);
            }
          }
          if (k < left && probability > 0) {
            add(start, t + k + 1, policy.nextLength(length, count, k), probability);
          }
        }
        if (catchesUp && count > 0 && count < left) {
          sink.catchUp(t + count + 1, u * survival[count]);
        }
      }
      start[t] = null;
    }
  }

  private static void add(double[][] start, int position, int length, double probability) {
    double[] byLength = start[position];
    if (byLength == null || byLength.length <= length) {
      byLength = byLength == null ? new double[length + 1] : Arrays.copyOf(byLength, length + 1);
      start[position] = byLength;
    }
    byLength[length] += probability;
  }

  /** Each step drafts just what will be accepted, so that its length goes with the outcome. */
  private void replayForeseen(ReplaySequence sequence, StepSink sink) {
    AcceptanceLaw law = sequence.law();
    int tokens = law.length();
    boolean catchesUp = sequence.catchesUp();
    double[] start = new double[tokens];
    double[] survival = new double[FIRST_LOOK + 1];
    List<StepShape> shapes = new ArrayList<>(); // by drafted tokens
    start[0] = 1;
    for (int t = 0; t < tokens; t++) {
      double u = start[t];
      if (u == 0) {
        continue;
      }
      sink.start(t, u);
      int left = tokens - t - 1; // tokens after the one that a step emits in any case
      int most = Math.min(law.available(t), sequence.endKnown() ? left : law.known(t));
      survival = foreseen(law, t, most, survival);
      for (int k = 0; k <= most && survival[k] > NEGLIGIBLE; k++) {
        double probability = u * (k < most ? survival[k] - survival[k + 1] : survival[k]);
        if (probability == 0) {
          continue;
        }
        if (histogram) {
          sink.accepted(Math.min(k, left), probability);
        }
        while (shapes.size() <= k) {
          shapes.add(sequence.steps().apply(shapes.size()));
        }
        sink.passes(shapes.get(k), t, probability);
        if (k < left) {
          start[t + k + 1] += probability;
          if (catchesUp && k > 0) {
            sink.catchUp(t + k + 1, probability);
          }
        }
      }
    }
  }

  /**
   * Survival as far as it is more than negligible, and one beyond: the work goes with what a block
   * accepts, not with what is left of the text.
   *
   * @param survival used where it is long enough
   */
  private static double[] foreseen(AcceptanceLaw law, int position, int most, double[] survival) {
    for (int look = FIRST_LOOK; ; look *= 2) {
      int length = Math.min(look, most);
      double[] seen = survival.length > length ? survival : new double[length + 1];
      law.survival(position, length, seen);
      if (length == most || seen[length] <= NEGLIGIBLE) {
        return seen;
      }
    }
  }

  /**
   * The same for independent acceptances a_t and one draft length K, without the sum over k. A step
   * starts at t + 1 unless token t was accepted within a block, so u_{t+1} = 1 − a_t (1 − w_t),
   * where w_t = u_{t−K} a_{t−K} ⋯ a_{t−1} is the probability that token t is the bonus of a block.
   * O(N) for every K.
   */
  private static void replayIndependent(ReplaySequence sequence, int draftLength, StepSink sink) {
    double[] acceptance = sequence.law().acceptance();
    int tokens = acceptance.length;
    boolean catchesUp = sequence.catchesUp();
    double[] window = windowProducts(acceptance, draftLength);
    double[] start = new double[tokens + 1]; // u_t
    start[0] = 1;
    for (int t = 0; t < tokens; t++) {
      double bonus = t < draftLength ? 0 : start[t - draftLength] * window[t - draftLength];
      start[t + 1] = 1 - acceptance[t] * (1 - bonus);
      sink.step(sequence.steps().apply(sequence.drafted(t, draftLength)), t, start[t]);
      if (catchesUp && bonus > 0 && t + 1 < tokens) {
        sink.catchUp(t + 1, bonus);
      }
    }
  }

  /**
   * Entry s is values[s] ⋯ values[s + width − 1]. Every window is the end of one block of {@code
   * width} values and the beginning of the next (van Herk 1992), so that no division is needed and
   * zeros do no harm.
   */
  private static double[] windowProducts(double[] values, int width) {
    int count = values.length - width + 1;
    if (count < 1) {
      return new double[0];
    }
    double[] toBlockEnd = new double[values.length]; // from here to the end of its block
    for (int i = values.length - 1; i >= 0; i--) {
      boolean last = (i + 1) % width == 0 || i + 1 == values.length;
      toBlockEnd[i] = last ? values[i] : values[i] * toBlockEnd[i + 1];
    }
    double[] products = new double[count];
    double fromBlockStart = 1; // over the part of the window in its second block
    for (int s = 0; s < count; s++) {
      fromBlockStart = s % width == 0 ? 1 : fromBlockStart * values[s + width - 1];
      products[s] = toBlockEnd[s] * fromBlockStart;
    }
    return products;
  }
}
