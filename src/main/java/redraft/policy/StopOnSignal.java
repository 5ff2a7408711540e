package redraft.policy;

import java.util.List;
import redraft.draft.DraftSignal;
import redraft.draft.Stopping;

/**
 * A draft length up to which a block goes on while the draft is sure of its tokens.
 *
 * <ul>
 *   <li>{@code p-min:0.6}, llama.cpp's {@code --spec-draft-p-min}: stop where the largest
 *       probability, renormalised over the ten likeliest tokens, is below it; the token there is
 *       not drafted. The pass that said so has been made.
 *   <li>{@code entropy:0.4}, AdaEDL (Agrawal et al. 2024, <a
 *       href="https://arxiv.org/abs/2410.18351">arXiv:2410.18351</a>): stop where 1 − √(γ·H) is
 *       below it, H being the entropy in nats and γ 0.2 unless {@code entropy:0.4:gamma=…} says
 *       otherwise; the paper also moves the threshold by what was accepted, which is not done here.
 *   <li>{@code confidence:0.4}, Hugging Face Transformers' {@code assistant_confidence_threshold}:
 *       stop after a drafted token of less probability, which is kept.
 * </ul>
 *
 * @param name as it was written
 * @param draftLength at most
 * @param gamma of the entropy; of no use to the others
 */
public record StopOnSignal(
    String name, Integer draftLength, DraftSignal signal, double threshold, double gamma)
    implements DraftLengthPolicy, Stopping {
  static final String P_MIN = "p-min";
  static final String ENTROPY = "entropy";
  static final String CONFIDENCE = "confidence";

  /** What is refused by this name: a token dropped because its own probability is low. */
  static final String DROP_BELOW = "drop-below";

  public StopOnSignal {
    if (draftLength < 1) {
      throw new IllegalArgumentException("draft length " + draftLength + " must be at least 1");
    }
  }

  /**
   * @param written the name, alone for llama.cpp's former 0.75, Hugging Face's 0.4, or 0.4 of the
   *     entropy, for which nobody published one
   * @throws IllegalArgumentException naming what is wrong with it
   */
  static StopOnSignal of(String written, int draftLength) {
    String family = written.replaceFirst(":.*", "");
    double usual = family.equals(P_MIN) ? 0.75 : 0.4;
    boolean entropy = family.equals(ENTROPY);
    PolicyParameters parameters =
        new PolicyParameters(written, family + ":" + usual, entropy ? List.of("gamma") : List.of());
    if (parameters.list().size() > 1) {
      throw parameters.wrong("has " + parameters.list().size() + " numbers, not one threshold");
    }
    double threshold =
        parameters.list().isEmpty() ? usual : parameters.number(parameters.list().get(0), 0, 1);
    DraftSignal signal =
        entropy
            ? DraftSignal.ENTROPY
            : family.equals(P_MIN) ? DraftSignal.LARGEST : DraftSignal.CONFIDENCE;
    return new StopOnSignal(
        written,
        draftLength,
        signal,
        threshold,
        entropy ? parameters.number("gamma", 0, 1000, 0.2) : Double.NaN);
  }

  /** Why dropping a drawn token is none of the policies. */
  static IllegalArgumentException dropping(String written) {
    return new IllegalArgumentException(
        "policy '"
            + written
            + "' drops a token that was drawn because the draft gave it little, so that the tokens it keeps are no draws of the draft"
            + " any more and the text is not the target's (docs/theory.md, \"Stopping on the draft's signal\"); "
            + CONFIDENCE
            + ":0.4 keeps the token and stops after it, "
            + P_MIN
            + ":0.6 stops before one is drawn");
  }

  @Override
  public int initialLength() {
    return draftLength;
  }

  @Override
  public Stopping stopping() {
    return this;
  }

  @Override
  public boolean stops(double value) {
    double sure = signal == DraftSignal.ENTROPY ? 1 - Math.sqrt(gamma * value) : value;
    return sure < threshold;
  }
}
