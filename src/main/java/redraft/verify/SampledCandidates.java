package redraft.verify;

import java.util.List;
import java.util.random.RandomGenerator;
import redraft.draft.Proposal;
import redraft.sampling.Distribution;

/**
 * A rule whose candidates are drawn from the draft. Of one candidate it is the token rule.
 *
 * <p>With A_i(x) the probability that token x is emitted as the i-th candidate, a committed token x
 * came out as that with probability A_i(x) / p(x), whatever came before it: the <em>ladder</em> of
 * its position, from which trees replay (docs/theory.md, "Sampled candidates").
 */
public abstract class SampledCandidates implements CandidateRule {
  private static final TokenRule CHAIN = new TokenRule();

  /**
   * A_i(token) / p(token) for i = 1 … count.
   *
   * @param token with p above 0
   * @param random of an estimate, where {@link #estimated} says that it is one
   * @return [count], of sum at most 1 up to rounding
   */
  public abstract double[] ladder(
      Distribution p, Distribution q, int token, int count, RandomGenerator random);

  /**
   * Whether a node's candidates are drawn independently of each other, so that {@link
   * TransportLimit} bounds what is accepted of them.
   */
  public boolean drawnIndependently() {
    return false;
  }

  /**
   * The chance that one of the first i candidates is accepted, for i = 1 … count; only where they
   * are {@link #drawnIndependently}.
   *
   * @param count of candidates that the node has
   * @return [count]
   */
  public double[] accepted(Distribution p, Distribution q, int count) {
    throw new UnsupportedOperationException(
        "the candidates of " + name() + " depend on each other");
  }

  /** Whether the ladder of so many candidates is an unbiased estimate, not exact. */
  public boolean estimated(int count) {
    return false;
  }

  /** Whether the ladder of fewer candidates is the beginning of one of more. */
  public boolean nested() {
    return true;
  }

  @Override
  public final Verdict verify(
      Proposal proposal, List<Distribution> target, RandomGenerator random) {
    return CHAIN.verify(proposal, target, random);
  }

  @Override
  public final void survival(RecordedPath path, int start, int draftLength, double[] survival) {
    CHAIN.survival(path, start, draftLength, survival);
  }

  @Override
  public final boolean independent() {
    return true;
  }

  @Override
  public final ContextAcceptance contextAcceptance() {
    return CHAIN.contextAcceptance();
  }
}
