package redraft.replay;

import redraft.latency.LatencyModel;
import redraft.verify.RecordedPath;
import redraft.verify.VerificationRule;

/**
 * The exact expectation over everything that speculative decoding could have done on a recorded
 * path; no random numbers.
 *
 * <p>Let u_t be the probability that a step starts at position t: u_0 = 1, and a step at t with K =
 * min(draftLength, N − t − 1) drafted tokens starts the next one at t + k + 1 with probability S_k
 * − S_{k+1}, at t + K + 1 with S_K, where S is the rule's replay law. Every expectation is a sum
 * over t weighted by u_t. O(N · draftLength).
 */
public final class ExactReplay {
  private final VerificationRule rule;
  private final int draftLength;
  private final LatencyModel latency;
  private final int batch;
  private final double[] survival; // [draftLength + 1]

  /**
   * @param draftLength K ≥ 1
   * @param batch sequences decoded together, each accepting on its own
   */
  public ExactReplay(VerificationRule rule, int draftLength, LatencyModel latency, int batch) {
    if (draftLength < 1) {
      throw new IllegalArgumentException("draft length " + draftLength + " must be at least 1");
    }
    if (batch < 1) {
      throw new IllegalArgumentException("batch " + batch + " must be at least 1");
    }
    this.rule = rule;
    this.draftLength = draftLength;
    this.latency = latency;
    this.batch = batch;
    survival = new double[draftLength + 1];
  }

  /**
   * @param promptLength tokens in the cache before the first generated one
   */
  public Expectation expect(RecordedPath path, int promptLength) {
    int tokens = path.length();
    double[] start = new double[tokens + 1]; // u_t; start[tokens] gathers the ends
    double[] acceptedCounts = new double[draftLength + 1];
    double steps = 0;
    double drafted = 0;
    double time = 0;
    double baselineTime = 0;
    start[0] = 1;
    for (int t = 0; t < tokens; t++) {
      int context = promptLength + t - 1; // the last committed token is the step's first row
      baselineTime += latency.baselineStep(batch, context);
      double u = start[t];
      if (u == 0) {
        continue;
      }
      int most = Math.min(draftLength, tokens - t - 1);
      rule.survival(path, t, most, survival);
      steps += u;
      drafted += u * most;
      time += u * latency.speculativeStep(batch, most, context);
      for (int k = 0; k < most; k++) {
        double probability = u * (survival[k] - survival[k + 1]);
        acceptedCounts[k] += probability;
        start[t + k + 1] += probability;
      }
      double whole = u * survival[most];
      acceptedCounts[most] += whole;
      start[t + most + 1] += whole;
      if (most > 0 && t + most + 1 < tokens) {
        time += whole * latency.catchUp(batch, context + most + 1);
      }
    }
    return new Expectation(tokens, steps, drafted, acceptedCounts, time, baselineTime);
  }
}
