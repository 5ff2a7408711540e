package redraft.replay;

import java.util.List;
import redraft.draft.DraftSignal;
import redraft.policy.DraftLengthPolicy;
import redraft.steps.StepShape;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/**
 * One way of drafting on the texts of a trace: what replay knows of it and what its steps ask for.
 */
public interface ReplayDraft {
  /** The name in results. */
  String name();

  /** The tree of candidates that it drafts; null for a chain. */
  default String tree() {
    return null;
  }

  /** Whether it drafts while the target verifies, so that its steps are not all of one shape. */
  default boolean ahead() {
    return false;
  }

  /** What is assumed of it and a reader should know, a line each. */
  default List<String> notes() {
    return List.of();
  }

  /** The shape of a step that drafts this many tokens, after the step before it. */
  StepShape step(int drafted);

  /** Why it cannot be replayed under a rule; null where it can. */
  default String refusal(VerificationRule rule) {
    return null;
  }

  /** Why it cannot be replayed on a sequence; null where it can. */
  default String refusal(TraceSequence sequence) {
    return null;
  }

  /** Why it cannot be replayed under a policy; null where it can. */
  default String refusal(DraftLengthPolicy policy) {
    return stoppingRefusal(name(), policy);
  }

  /** Why a draft that says nothing of how sure it was is refused; null for other policies. */
  static String stoppingRefusal(String draft, DraftLengthPolicy policy) {
    return policy.stopping() == null
        ? null
        : "policy '"
            + policy.name()
            + "' ends blocks by how sure the draft is, and draft '"
            + draft
            + "' does not say it; replay a recorded draft model, or another policy";
  }

  /** How sure it was along a sequence; null where it does not say. */
  default PathSignals signals(TraceSequence sequence, VerificationRule rule) {
    return null;
  }

  /**
   * The largest probability of each of its next tokens along a sequence, from the first decoded one
   * on, renormalised over the ten likeliest ({@link DraftSignal#LARGEST}); null where it does not
   * say.
   */
  default float[] largest(TraceSequence sequence, VerificationRule rule) {
    return null;
  }

  /**
   * What is known of the accepted tokens of blocks in this sequence, from the first decoded one on.
   */
  AcceptanceLaw law(TraceSequence sequence, VerificationRule rule);

  /**
   * What no rule accepts more than; null where that is not known.
   *
   * @param law of a sequence under a rule
   */
  default StepLimit limit(AcceptanceLaw law) {
    return null;
  }

  /** Generated tokens of the sequence, those of the prefill included. */
  default int positions(TraceSequence sequence) {
    return sequence.length();
  }

  /** Σ over positions of Σ_v min(p, q); NaN where it is not known. */
  default double overlapSum(TraceSequence sequence) {
    return Double.NaN;
  }

  /** Whether no block drafts past the end of this sequence, because a length limit sets it. */
  default boolean endKnown(TraceSequence sequence) {
    return sequence.finish() == TraceSequence.Finish.LENGTH;
  }

  /** Why nothing is known of other temperatures; null where logits are. */
  default String estimateRefusal() {
    return "draft '" + name() + "' has no logits, so there is no estimate at another temperature";
  }

  /** Acceptance at another temperature, where {@link #estimateRefusal} is null. */
  default TemperatureEstimate estimate(TraceSequence sequence, double temperature) {
    throw new IllegalArgumentException(estimateRefusal());
  }

  /** Whether it runs a draft model. */
  default boolean hasModel() {
    return step(1).drafting().runsModel();
  }

  /** The sequence as this draft replays it under a rule. */
  default ReplaySequence sequence(TraceSequence sequence, VerificationRule rule) {
    return sequence(sequence, law(sequence, rule));
  }

  /** The sequence as this draft replays it. */
  default ReplaySequence sequence(TraceSequence sequence, AcceptanceLaw law) {
    return new ReplaySequence(
        sequence.id() + "/" + sequence.sample(),
        law,
        sequence.promptTokens().length,
        sequence.decodeFrom(),
        endKnown(sequence),
        this::step);
  }
}
