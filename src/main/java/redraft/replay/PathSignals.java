package redraft.replay;

import java.util.EnumSet;
import java.util.Set;
import redraft.draft.DraftSignal;
import redraft.draft.Stopping;
import redraft.sampling.SamplingParameters;
import redraft.trace.LogitDetail;
import redraft.trace.Signals;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.TopLogits;
import redraft.verify.VerificationRule;

/**
 * How sure a draft was along one recorded path, and what it would have gone on to write by itself:
 * how far its blocks go where they end on its own signal. Of positions from the first decoded one.
 */
final class PathSignals {
  private final Draft draft;
  private final int[] tokens; // [generated]
  private final int from;
  private final Signals.Rollouts rollouts; // null where none fit

  /**
   * @param rule that verifies, which says how the draft draws
   */
  PathSignals(TraceHeader header, TraceSequence sequence, Draft draft, VerificationRule rule) {
    this.draft = draft;
    tokens = sequence.tokens();
    from = sequence.decodeFrom();
    rollouts = draft.signals() == null ? null : rollouts(header, draft.signals(), rule);
  }

  /** Chains that are drawn as the draft draws under the rule; at temperature 0 all are greedy. */
  private static Signals.Rollouts rollouts(
      TraceHeader header, Signals signals, VerificationRule rule) {
    boolean cold = header.sampling().temperature() == 0;
    boolean greedy =
        cold || rule.draftSampling(SamplingParameters.temperature(1)).temperature() == 0;
    Signals.Rollouts own = signals.rollouts().get(greedy ? Signals.GREEDY : Signals.SAMPLED);
    return own == null && cold ? signals.rollouts().get(Signals.SAMPLED) : own;
  }

  /** What is known of a draft whose sequences all say what this one says. */
  static Set<DraftSignal> known(TraceHeader header, Draft first) {
    if (first == null || first.logprob() == null) {
      return Set.of();
    }
    if (first.signals() != null || header.logits() == LogitDetail.ALL) {
      return EnumSet.allOf(DraftSignal.class);
    }
    Set<DraftSignal> known = EnumSet.noneOf(DraftSignal.class);
    int listed = first.top() == null ? 0 : first.top().tokens()[0].length;
    if (listed >= Math.min(DraftSignal.LISTED, header.tokenizer().vocabularySize())) {
      known.add(DraftSignal.LARGEST);
    }
    TraceHeader.Sampling sampling = header.sampling();
    if (sampling.temperature() == 1 && sampling.topK() == 0 && sampling.topP() == 1) {
      known.add(DraftSignal.CONFIDENCE);
    }
    return known;
  }

  /** Of the path, from its first token on. */
  float at(DraftSignal signal, int position) {
    int t = from + position;
    Signals signals = draft.signals();
    if (signals != null) {
      return switch (signal) {
        case LARGEST -> signals.largest()[t];
        case ENTROPY -> signals.entropy()[t];
        case CONFIDENCE -> signals.confidence()[t];
      };
    }
    TopLogits top = draft.top();
    return switch (signal) {
      case LARGEST -> DraftSignal.share(top.logits()[t]);
      case ENTROPY -> signal.of(top.logits()[t], -1);
      case CONFIDENCE ->
          top == null || top.tokens()[t].length < 2
              ? (float) Math.exp(draft.logprob()[t])
              : listed(top, t);
    };
  }

  private float listed(TopLogits top, int t) {
    for (int i = 0; i < top.tokens()[t].length; i++) {
      if (top.tokens()[t][i] == tokens[t]) {
        double tail = Math.exp(top.tail()[t]);
        return (float) (DraftSignal.CONFIDENCE.of(top.logits()[t], i) * (1 - tail));
      }
    }
    return (float) Math.exp(draft.logprob()[t]);
  }

  /**
   * How many tokens a block drafts while all that it drafts is the path's.
   *
   * @param most at most; no more than are left of the path
   */
  int onPath(int position, int most, Stopping stopping) {
    boolean beforeDrawing = stopping.signal().beforeDrawing();
    double known = stopping.atFirst();
    for (int drafted = 0; drafted < most; drafted++) {
      known = stopping.then(known, at(stopping.signal(), position + drafted));
      if (stopping.stops(known)) {
        return beforeDrawing ? drafted : drafted + 1;
      }
    }
    return most;
  }

  /** Whether chains of so many tokens are known. */
  boolean knowsChains(int length) {
    return rollouts != null && rollouts.length() >= length;
  }

  /**
   * How many tokens the recorded chain from a position drafts, whatever becomes of them.
   *
   * @param most at most
   * @param drafted told of them and of how many times this is to be counted, 0 where the chain was
   *     not followed so far
   */
  void chain(int position, int most, Stopping stopping, Drafted drafted) {
    float[][] values =
        switch (stopping.signal()) {
          case LARGEST -> rollouts.largest();
          case ENTROPY -> rollouts.entropy();
          case CONFIDENCE -> rollouts.confidence();
        };
    boolean beforeDrawing = stopping.signal().beforeDrawing();
    int start = from + position;
    int place = 0; // in the row
    double known = stopping.atFirst();
    for (int count = 0; count < most; count++) {
      int[] row = rollouts.tokens()[start];
      if (place == row.length) { // the recording went no further, or the context was full
        boolean chosen = row.length > 1 || rollouts.fraction() == 1;
        drafted.count(count, false, chosen ? 1 / rollouts.fraction() : 0);
        return;
      }
      double weight = place == 0 ? 1 : 1 / rollouts.fraction();
      known = stopping.then(known, values[start][place]);
      if (stopping.stops(known)) {
        drafted.count(beforeDrawing ? count : count + 1, beforeDrawing, weight);
        return;
      }
      boolean follows = place == 0 && start < tokens.length && row[0] == tokens[start];
      start += follows ? 1 : 0;
      place = follows ? 0 : place + 1;
    }
    drafted.count(most, false, place > 1 ? 1 / rollouts.fraction() : 1);
  }

  /** What a chain drafts. */
  interface Drafted {
    /**
     * @param asked whether one more pass was made, which said that its token was not worth drawing
     * @param weight how many times it is to be counted
     */
    void count(int tokens, boolean asked, double weight);
  }
}
