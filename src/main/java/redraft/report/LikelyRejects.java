package redraft.report;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import redraft.trace.TraceHeader.Sampling;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.TopLogits;

/**
 * What a draft proposed where the target rejected it, as far as recorded logits say. Of a draft
 * that takes its first choice it is that choice. A drawn one that was rejected is x with a
 * probability in proportion to (q(x) − p(x))₊; the likeliest is shown. At temperature 1 without
 * other transforms these follow from the logits; at others the recording does not say.
 */
final class LikelyRejects {
  private LikelyRejects() {}

  /**
   * @param tokens [positions]: the draft's own, −1 where it is the one that the text goes on with,
   *     or not known
   * @param shares [positions]: how many of the rejections here are of that token, of 1
   */
  record Proposed(int[] tokens, double[] shares) {}

  /** The first choices of a draft; null where no logits were recorded. */
  static Proposed choices(TraceSequence sequence, int draft) {
    TopLogits top = sequence.drafts().get(draft).top();
    if (top == null) {
      return null;
    }
    Proposed proposed = empty(sequence.length());
    for (int t = 0; t < sequence.length(); t++) {
      if (top.tokens()[t][0] != sequence.tokens()[t]) {
        proposed.tokens[t] = top.tokens()[t][0];
        proposed.shares[t] = 1;
      }
    }
    return proposed;
  }

  /** The likeliest of the drawn tokens that rule token rejects; null where that is not known. */
  static Proposed drawn(Sampling sampling, TraceSequence sequence, int draft) {
    TopLogits q = sequence.drafts().get(draft).top();
    TopLogits p = sequence.target().top();
    boolean plain = sampling.temperature() == 1 && sampling.topK() == 0 && sampling.topP() == 1;
    if (p == null || q == null || !plain) {
      return null;
    }
    Proposed proposed = empty(sequence.length());
    for (int t = 0; t < sequence.length(); t++) {
      Map<Integer, Double> target = probabilities(p, t);
      double most = 0;
      double all = Math.exp(q.tail()[t]); // not listed: taken to be rejected
      for (Map.Entry<Integer, Double> each : probabilities(q, t).entrySet()) {
        double rejected = Math.max(0, each.getValue() - target.getOrDefault(each.getKey(), 0.));
        all += rejected;
        if (rejected > most && each.getKey() != sequence.tokens()[t]) {
          most = rejected;
          proposed.tokens[t] = each.getKey();
        }
      }
      proposed.shares[t] = most == 0 ? 0 : most / all;
    }
    return proposed;
  }

  private static Proposed empty(int length) {
    int[] tokens = new int[length];
    Arrays.fill(tokens, -1);
    return new Proposed(tokens, new double[length]);
  }

  /** Of the listed tokens, at temperature 1. */
  private static Map<Integer, Double> probabilities(TopLogits top, int t) {
    float[] logits = top.logits()[t];
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - (double) logits[0]);
    }
    double listed = 1 - Math.exp(top.tail()[t]);
    Map<Integer, Double> probabilities = new HashMap<>();
    for (int i = 0; i < logits.length; i++) {
      probabilities.put(
          top.tokens()[t][i], listed * Math.exp(logits[i] - (double) logits[0]) / sum);
    }
    return probabilities;
  }
}
