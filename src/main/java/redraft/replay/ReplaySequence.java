package redraft.replay;

import java.util.function.IntFunction;
import redraft.latency.Deployment;
import redraft.steps.StepShape;

/**
 * One recorded sequence as replay sees it.
 *
 * @param name of the sequence, which names its random numbers
 * @param promptTokens of the prompt
 * @param decodeFrom tokens that the prefill produced before decoding started
 * @param endKnown whether decoding stops at a length limit, known in advance, so that no block
 *     drafts past it; a block that meets an end token was drafted in full
 * @param steps the shape of a step by the number of tokens that it drafts
 * @param signals how sure the draft was; null where nothing asks
 * @param ahead how the draft works while the target verifies; null where it waits
 */
public record ReplaySequence(
    String name,
    AcceptanceLaw law,
    int promptTokens,
    int decodeFrom,
    boolean endKnown,
    IntFunction<StepShape> steps,
    PathSignals signals,
    Ahead ahead) {
  /** Of a draft model, all tokens decoded. */
  public ReplaySequence(String name, AcceptanceLaw law, int promptTokens, boolean endKnown) {
    this(name, law, promptTokens, 0, endKnown, StepShape::chain);
  }

  /** Of a draft that waits while the target verifies, and of which nothing asks how sure it was. */
  public ReplaySequence(
      String name,
      AcceptanceLaw law,
      int promptTokens,
      int decodeFrom,
      boolean endKnown,
      IntFunction<StepShape> steps) {
    this(name, law, promptTokens, decodeFrom, endKnown, steps, null, null);
  }

  /** The same sequence under another law. */
  ReplaySequence with(AcceptanceLaw other) {
    return new ReplaySequence(
        name, other, promptTokens, decodeFrom, endKnown, steps, signals, ahead);
  }

  /** The same sequence, with how sure the draft was. */
  ReplaySequence with(PathSignals known) {
    return new ReplaySequence(name, law, promptTokens, decodeFrom, endKnown, steps, known, ahead);
  }

  /** The same sequence of a draft that works while the target verifies. */
  ReplaySequence with(Ahead other) {
    return new ReplaySequence(name, law, promptTokens, decodeFrom, endKnown, steps, signals, other);
  }

  /** N, the number of tokens to commit. */
  public int tokens() {
    return law.length();
  }

  /** Whether the draft runs a model, which falls behind when a block is accepted whole. */
  boolean catchesUp() {
    return steps.apply(1).drafting() == StepShape.Drafting.MODEL;
  }

  /** Tokens that a block starting at this position drafts when asked for {@code draftLength}. */
  int drafted(int position, int draftLength) {
    int drafted = Math.min(draftLength, law.available(position));
    return endKnown ? Math.min(drafted, law.length() - position - 1) : drafted;
  }

  /**
   * Tokens in the target's cache at the first step: all that precede the first committed one but
   * the last, which is the first row.
   */
  public int firstContextTokens(Deployment deployment) {
    return deployment.promptTokens(promptTokens) + decodeFrom - 1;
  }

  /** Tokens in the target's cache when a step starts, on average over the path. */
  public double meanContextTokens(Deployment deployment) {
    return firstContextTokens(deployment) + (law.length() - 1) / 2.0;
  }

  /** The longest text that decoding reaches: prompt and generated tokens. */
  public int textTokens(Deployment deployment) {
    return firstContextTokens(deployment) + 1 + law.length();
  }
}
