package redraft.replay;

import redraft.latency.LatencyModel;
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
  private final LatencyModel latency;
  private final int batch;

  /**
   * @param batch sequences decoded together, each accepting on its own
   */
  public ExactReplay(DraftLengthPolicy policy, LatencyModel latency, int batch) {
    if (batch < 1) {
      throw new IllegalArgumentException("batch " + batch + " must be at least 1");
    }
    this.policy = policy;
    this.latency = latency;
    this.batch = batch;
  }

  @Override
  public Expectation replay(Course course) {
    AcceptanceLaw law = course.law();
    int tokens = law.length();
    int longest = longestLength(tokens);
    // A policy that never changes its mind has one state; otherwise the state is the length itself.
    int states = policy instanceof FixedLength ? 1 : longest + 1;
    double[] start = new double[tokens * states]; // [N, states]: u_t
    double[] survival = new double[longest + 1];
    double[] acceptedCounts = new double[longest + 1];
    double steps = 0;
    double drafted = 0;
    double time = 0;
    double baselineTime = 0;
    start[states == 1 ? 0 : policy.initialLength()] = 1;
    for (int t = 0; t < tokens; t++) {
      int context = course.contextTokens(t);
      baselineTime += latency.baselineStep(batch, context);
      int left = tokens - t - 1; // tokens after the one that a step emits in any case
      boolean known = false; // whether survival is that of t
      for (int state = 0; state < states; state++) {
        double u = start[t * states + state];
        if (u == 0) {
          continue;
        }
        if (!known) {
          law.survival(t, Math.min(longest, left), survival);
          known = true;
        }
        int length = states == 1 ? longest : state;
        int count = course.drafted(t, length);
        steps += u;
        drafted += u * count;
        time += u * latency.speculativeStep(batch, count, context);
        int most = Math.min(count, left);
        for (int k = 0; k <= most; k++) {
          double probability = u * (k < most ? survival[k] - survival[k + 1] : survival[k]);
          acceptedCounts[k] += probability;
          if (k < left) {
            int next = states == 1 ? 0 : policy.nextLength(length, count, k);
            start[(t + k + 1) * states + next] += probability;
          }
        }
        if (count > 0 && count < left) {
          time += u * survival[count] * latency.catchUp(batch, context + count + 1);
        }
      }
    }
    return new Expectation(tokens, steps, drafted, acceptedCounts, time, baselineTime);
  }

  /**
   * The longest draft that the policy can ask for while N tokens are committed: the one when
   * everything is accepted.
   */
  private int longestLength(int tokens) {
    int length = policy.initialLength();
    int longest = length;
    for (int t = 0; t < tokens; t += length + 1) {
      longest = Math.max(longest, length);
      length = policy.nextLength(length, length, length);
    }
    return longest;
  }
}
