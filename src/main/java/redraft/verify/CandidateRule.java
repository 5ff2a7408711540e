package redraft.verify;

import java.util.random.RandomGenerator;
import redraft.sampling.Distribution;
import redraft.sampling.SamplingParameters;

/**
 * Verifies a tree of candidates: after a committed or accepted token the draft proposes several
 * continuations, of which at most one is accepted, and its own continuations are looked at next. A
 * chain is a tree of single candidates.
 */
public interface CandidateRule extends VerificationRule {
  /**
   * What comes after a token.
   *
   * @param candidate the accepted one, from 0; −1 where none was
   * @param token that is emitted: the candidate, or one of the target's own
   */
  record Choice(int candidate, int token) {}

  /** The settings that the draft proposes candidates under: those of the target, or others. */
  default SamplingParameters candidateSampling(SamplingParameters target) {
    return target;
  }

  /**
   * Proposes candidates, in the order in which they are looked at; fewer where the draft's
   * distribution has no more.
   *
   * @param count at least 1
   */
  int[] candidates(Distribution q, int count, RandomGenerator random);

  /**
   * Accepts one of the candidates or none, and draws what is emitted then, so that the token has
   * the distribution p.
   *
   * @param candidates as {@link #candidates} proposed them
   */
  Choice choose(Distribution p, Distribution q, int[] candidates, RandomGenerator random);
}
