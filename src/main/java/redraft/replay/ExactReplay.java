package redraft.replay;

import java.util.Arrays;
import redraft.latency.StepPrices;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.FixedLength;

/**
 * The exact expectation over everything that speculative decoding could have done on a recorded
 * path; no random numbers.
 *
 * <p>Let u_t be the probability that a step starts at position t: u_0 = 1, and a step at t that
 * drafts K tokens starts the next one at t + k + 1 with probability S_k − S_{k+1}, at t + K + 1
 * with S_K, where S is the acceptance law. Every expectation is a sum over t weighted by u_t. A
 * policy that adapts the draft length adds the length to t. O(N · K) for one draft length.
 */
public final class ExactReplay implements Replayer {
  private final DraftLengthPolicy policy;
  private final StepPrices prices;
  private final boolean histogram;

  /**
   * @param histogram whether the histogram of accepted counts is wanted, which takes longer
   */
  public ExactReplay(DraftLengthPolicy policy, StepPrices prices, boolean histogram) {
    this.policy = policy;
    this.prices = prices;
    this.histogram = histogram;
  }

  @Override
  public Expectation replay(ReplaySequence course) {
    return policy instanceof FixedLength fixed && !histogram && course.law().acceptance() != null
        ? replayIndependent(course, fixed.initialLength())
        : replayAny(course);
  }

  private Expectation replayAny(ReplaySequence course) {
    AcceptanceLaw law = course.law();
    int tokens = law.length();
    double[][] start = new double[tokens][]; // [N][lengths reached at t]: u_t by draft length
    double[] survival = new double[tokens + 1];
    double[] acceptedCounts = new double[tokens];
    double steps = 0;
    double drafted = 0;
    double time = 0;
    double baselineTime = 0;
    add(start, 0, policy.initialLength(), 1);
    for (int t = 0; t < tokens; t++) {
      int context = course.contextTokens(t);
      baselineTime += prices.baselineStep(context);
      if (start[t] == null) {
        continue;
      }
      int left = tokens - t - 1; // tokens after the one that a step emits in any case
      law.survival(t, Math.min(start[t].length - 1, left), survival);
      for (int length = 0; length < start[t].length; length++) {
        double u = start[t][length];
        if (u == 0) {
          continue;
        }
        int count = course.drafted(t, length);
        steps += u;
        drafted += u * count;
        time += u * prices.speculativeStep(count, context);
        int most = Math.min(count, left);
        for (int k = 0; k <= most; k++) {
          double probability = u * (k < most ? survival[k] - survival[k + 1] : survival[k]);
          acceptedCounts[k] += probability;
          if (k < left && probability > 0) {
            add(start, t + k + 1, policy.nextLength(length, count, k), probability);
          }
        }
        if (count > 0 && count < left) {
          time += u * survival[count] * prices.catchUp(context + count + 1);
        }
      }
      start[t] = null;
    }
    return new Expectation(
        tokens, steps, drafted, trimmed(acceptedCounts), time, baselineTime, null);
  }

  private static void add(double[][] start, int position, int length, double probability) {
    double[] byLength = start[position];
    if (byLength == null || byLength.length <= length) {
      byLength = byLength == null ? new double[length + 1] : Arrays.copyOf(byLength, length + 1);
      start[position] = byLength;
    }
    byLength[length] += probability;
  }

  /** Without the zeros at the end. */
  static double[] trimmed(double[] counts) {
    int length = counts.length;
    while (length > 1 && counts[length - 1] == 0) {
      length--;
    }
    return Arrays.copyOf(counts, length);
  }

  /**
   * The same for independent acceptances a_t and one draft length K, without the sum over k. A step
   * starts at t + 1 unless token t was accepted within a block, so u_{t+1} = 1 − a_t (1 − w_t),
   * where w_t = u_{t−K} a_{t−K} ⋯ a_{t−1} is the probability that token t is the bonus of a block.
   * O(N) for every K.
   */
  private Expectation replayIndependent(ReplaySequence course, int draftLength) {
    double[] acceptance = course.law().acceptance();
    int tokens = acceptance.length;
    double[] window = windowProducts(acceptance, draftLength);
    double[] start = new double[tokens + 1]; // u_t
    double steps = 0;
    double drafted = 0;
    double time = 0;
    double baselineTime = 0;
    start[0] = 1;
    for (int t = 0; t < tokens; t++) {
      int context = course.contextTokens(t);
      double bonus = t < draftLength ? 0 : start[t - draftLength] * window[t - draftLength];
      start[t + 1] = 1 - acceptance[t] * (1 - bonus);
      double u = start[t];
      int count = course.drafted(t, draftLength);
      steps += u;
      drafted += u * count;
      time += u * prices.speculativeStep(count, context);
      if (bonus > 0 && t + 1 < tokens) {
        time += bonus * prices.catchUp(context + 1);
      }
      baselineTime += prices.baselineStep(context);
    }
    return new Expectation(tokens, steps, drafted, null, time, baselineTime, null);
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
