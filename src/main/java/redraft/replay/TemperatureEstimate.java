package redraft.replay;

import java.util.Arrays;
import java.util.List;
import redraft.policy.DraftLengthPolicy;
import redraft.trace.LogitDetail;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.TopLogits;
import redraft.verify.VerificationRule;

/**
 * What the logits of one sequence say of acceptance at another temperature: for each recorded
 * context the probability that a drafted token is accepted, whatever the token. An estimate,
 * because the contexts stay those that were written at the recorded temperature.
 *
 * <p>Of the logits that the trace leaves out only the total weight and the greatest possible single
 * one are known; the bounds hold for all logits that agree with these (docs/theory.md, "Another
 * temperature").
 *
 * @param overlap of Σ_v min(p(v), q(v)), which the token rule accepts with
 * @param match of Σ_v p(v) q(v), which the exact-match rule accepts with
 * @param choice of p(argmax q), which the greedy-draft rule accepts with
 */
public record TemperatureEstimate(Bounds overlap, Bounds match, Bounds choice) {
  /** The least and the greatest possible value at each position, [N] each. */
  public record Bounds(double[] low, double[] high) {
    private Bounds(int length) {
      this(new double[length], new double[length]);
    }

    private void set(int position, double least, double greatest) {
      low[position] = Math.min(1, least);
      high[position] = Math.min(1, greatest);
    }
  }

  /**
   * @throws IllegalArgumentException if there is no estimate for this sequence under these settings
   */
  static void check(
      TraceHeader header, TraceSequence sequence, ReplayOptions options, List<ReplayDraft> drafts) {
    for (ReplayDraft draft : drafts) {
      if (draft.estimateRefusal() != null) {
        throw new IllegalArgumentException(draft.estimateRefusal());
      }
    }
    TraceHeader.Sampling sampling = header.sampling();
    if (header.logits() == LogitDetail.NONE) {
      throw new IllegalArgumentException(
          "the trace has no logits, which an estimate at another temperature needs; record it with --logits top or all");
    }
    if (sampling.topK() != 0 || sampling.topP() != 1) {
      throw new IllegalArgumentException(
          "the trace was recorded with top-k "
              + sampling.topK()
              + " and top-p "
              + sampling.topP()
              + "; an estimate at another temperature needs one recorded without them");
    }
    if (options.timelines() > 0) {
      throw new IllegalArgumentException(
          "an estimate at another temperature has no sampled timelines");
    }
    for (VerificationRule rule : options.rules()) {
      if (rule.contextAcceptance() == null) {
        throw new IllegalArgumentException(
            "rule '"
                + rule.name()
                + "' has no estimate at another temperature: "
                + (rule.independent()
                    ? "its acceptance is none of those that logits give"
                    : "its acceptances depend on each other within a block"));
      }
    }
    for (DraftLengthPolicy policy : options.policies()) {
      if (policy.stopping() != null) {
        throw new IllegalArgumentException(
            "policy '"
                + policy.name()
                + "' has no estimate at another temperature, where drafts would be sure of other tokens");
      }
      if (!policy.monotone() && header.logits() != LogitDetail.ALL) {
        throw new IllegalArgumentException(
            "policy '"
                + policy.name()
                + "' can take more steps with more acceptance, so nothing bounds its estimate where logits are cut off; "
                + "record the trace with --logits all");
      }
    }
  }

  /**
   * @param draft index in the trace's header
   * @param temperature 0 puts all mass on the token listed first
   */
  static TemperatureEstimate of(
      TraceSequence sequence, TraceHeader header, int draft, double temperature) {
    int length = sequence.length();
    int vocabularySize = header.tokenizer().vocabularySize();
    Draft recorded = sequence.drafts().get(draft);
    TemperatureEstimate estimate =
        new TemperatureEstimate(new Bounds(length), new Bounds(length), new Bounds(length));
    int[] place = new int[vocabularySize];
    Arrays.fill(place, -1);
    for (int t = 0; t < length; t++) {
      Row p = Row.of(sequence.target().top(), t, vocabularySize, temperature);
      Row q = Row.of(recorded.top(), t, vocabularySize, temperature);
      estimate.set(t, p, q, place);
      if (temperature == header.sampling().temperature() && recorded.overlap() != null) {
        estimate.overlap.set(t, recorded.overlap()[t], recorded.overlap()[t]);
      }
    }
    return estimate;
  }

  /**
   * @param place [vocabularySize], −1 everywhere before and after: the place of a token in q's list
   */
  private void set(int position, Row p, Row q, int[] place) {
    for (int j = 0; j < q.tokens.length; j++) {
      place[q.tokens[j]] = j;
    }
    choice.set(position, 0, p.mostUnlisted());
    double overlapLow = 0; // over the tokens that both list
    double overlapHigh = 0;
    double matchLow = 0;
    double matchHigh = 0;
    double overlapP = 0; // at most, over those that only p lists
    double matchP = 0;
    for (int i = 0; i < p.tokens.length; i++) {
      int j = place[p.tokens[i]];
      place[p.tokens[i]] = -1; // what is left in the end only q lists
      if (j < 0) {
        overlapP += Math.min(p.high(i), q.mostUnlisted());
        matchP += p.high(i) * q.mostUnlisted();
        continue;
      }
      if (j == 0) {
        choice.set(position, p.low(i), p.high(i));
      }
      overlapLow += Math.min(p.low(i), q.low(j));
      overlapHigh += Math.min(p.high(i), q.high(j));
      matchLow += p.low(i) * q.low(j);
      matchHigh += p.high(i) * q.high(j);
    }
    double overlapQ = 0; // at most, over the tokens that only q lists
    double matchQ = 0;
    for (int j = 0; j < q.tokens.length; j++) {
      if (place[q.tokens[j]] >= 0) {
        place[q.tokens[j]] = -1;
        overlapQ += Math.min(p.mostUnlisted(), q.high(j));
        matchQ += p.mostUnlisted() * q.high(j);
      }
    }
    // A token that q does not list takes its share of the overlap from q's unlisted mass; one that
    // neither lists takes it from both.
    double overlapRest =
        Math.min(
            Math.min(overlapP, q.unlisted()) + p.unlisted(),
            Math.min(overlapQ, p.unlisted()) + q.unlisted());
    double matchNeither =
        Math.min(p.mostUnlisted() * q.unlisted(), p.unlisted() * q.mostUnlisted());
    overlap.set(position, overlapLow, overlapHigh + overlapRest);
    match.set(position, matchLow, matchHigh + matchP + matchQ + matchNeither);
  }

  /** Of the midpoints. */
  double overlapSum() {
    return (Arrays.stream(overlap.low).sum() + Arrays.stream(overlap.high).sum()) / 2;
  }

  /**
   * The law of an independent rule.
   *
   * @param from the first position that decoding commits
   */
  AcceptanceLaw law(VerificationRule rule, int from) {
    Bounds bounds = acceptance(rule);
    return new EstimatedLaw(
        Arrays.copyOfRange(bounds.low, from, bounds.low.length),
        Arrays.copyOfRange(bounds.high, from, bounds.high.length));
  }

  Bounds acceptance(VerificationRule rule) {
    return switch (rule.contextAcceptance()) {
      case OVERLAP -> overlap;
      case MATCH -> match;
      case CHOICE -> choice;
    };
  }

  /**
   * One model's distribution at one position, as far as it is known. Weights are those of the
   * softmax, exp(logit / T), that of the largest logit being 1.
   *
   * @param tokens [n] listed, largest logit first
   * @param weights [n]
   * @param listed their sum
   * @param unlistedLow the least that the weights of all other tokens can add up to
   * @param unlistedHigh the most
   */
  private record Row(
      int[] tokens, double[] weights, double listed, double unlistedLow, double unlistedHigh) {

    static Row of(TopLogits top, int position, int vocabularySize, double temperature) {
      int[] tokens = top.tokens()[position];
      float[] logits = top.logits()[position];
      int last = tokens.length - 1;
      double[] weights = new double[tokens.length];
      if (temperature == 0) {
        weights[0] = 1;
        return new Row(tokens, weights, 1, 0, 0);
      }
      double listed = 0;
      double recorded = 0; // as listed, at temperature 1
      for (int i = 0; i <= last; i++) {
        weights[i] = Math.exp(((double) logits[i] - logits[0]) / temperature);
        listed += weights[i];
        recorded += Math.exp((double) logits[i] - logits[0]);
      }
      // At temperature 1 the others weigh `mass` together, and each no more than the last listed.
      int others = vocabularySize - tokens.length;
      double most = Math.exp((double) logits[last] - logits[0]);
      double tail = top.tail()[position];
      double mass =
          Math.min(recorded * Math.exp(tail) / Math.max(0, -Math.expm1(tail)), others * most);
      if (mass == 0) {
        return new Row(tokens, weights, listed, 0, 0);
      }
      // Their weights at T add up to extremes where they are all alike or as unlike as can be.
      double alike = others * Math.pow(mass / others, 1 / temperature);
      double unlike = mass / most * weights[last];
      return new Row(tokens, weights, listed, Math.min(alike, unlike), Math.max(alike, unlike));
    }

    double low(int i) {
      return weights[i] / (listed + unlistedHigh);
    }

    double high(int i) {
      return weights[i] / (listed + unlistedLow);
    }

    /** The most probability that the unlisted tokens can have together. */
    double unlisted() {
      return unlistedHigh / (listed + unlistedHigh);
    }

    /** The most that one of them can have. */
    double mostUnlisted() {
      return Math.min(unlisted(), high(weights.length - 1));
    }
  }
}
