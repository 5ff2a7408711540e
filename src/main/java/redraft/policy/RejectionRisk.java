package redraft.policy;

import java.util.List;
import redraft.draft.DraftSignal;
import redraft.draft.Stopping;

/**
 * A draft length up to which a block goes on until one of its tokens is likely enough to be
 * rejected: {@code specdec:0.7} stops after a token, which is kept, where {@code 1 − ∏ P(accepted)}
 * over the block so far is above 0.7.
 *
 * <p>Like SpecDec++ (Huang et al. 2024, <a
 * href="https://arxiv.org/abs/2405.19715">arXiv:2405.19715</a>), whose trained head predicts {@code
 * P(accepted)}. Here it is a power of the probability that the draft gave the token, 0.5 unless
 * {@code specdec:0.7:power=…} says otherwise: nothing is trained, and the power is chosen as the
 * threshold is.
 *
 * @param name as it was written
 * @param draftLength at most
 * @param threshold of the chance that a token of the block is rejected
 * @param power of the draft's probability
 */
public record RejectionRisk(String name, Integer draftLength, double threshold, double power)
    implements DraftLengthPolicy, Stopping {
  static final String NAME = "specdec";

  /** Powers that are tried where the best is asked for. */
  static final List<String> POWERS = List.of("0.25", "0.5", "1");

  public RejectionRisk {
    if (draftLength < 1) {
      throw new IllegalArgumentException("draft length " + draftLength + " must be at least 1");
    }
  }

  /**
   * @param written the name, alone for the paper's 0.7
   * @throws IllegalArgumentException naming what is wrong with it
   */
  static RejectionRisk of(String written, int draftLength) {
    PolicyParameters parameters =
        new PolicyParameters(written, NAME + ":0.7:power=0.5", List.of("power"));
    if (parameters.list().size() > 1) {
      throw parameters.wrong("has " + parameters.list().size() + " numbers, not one threshold");
    }
    double threshold =
        parameters.list().isEmpty() ? 0.7 : parameters.number(parameters.list().get(0), 0, 1);
    return new RejectionRisk(
        written, draftLength, threshold, parameters.number("power", 0, 1000, 0.5));
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
  public DraftSignal signal() {
    return DraftSignal.CONFIDENCE;
  }

  /** The predicted chance that all tokens up to here are accepted, alike on every machine. */
  @Override
  public double then(double before, float value) {
    return before * StrictMath.pow(value, power);
  }

  @Override
  public boolean stops(double accepted) {
    return 1 - accepted > threshold;
  }
}
