package redraft.verify;

import java.util.List;
import java.util.random.RandomGenerator;
import redraft.draft.Proposal;
import redraft.sampling.Distribution;
import redraft.sampling.SamplingParameters;

/**
 * Decides how many drafted tokens are kept: once live, with the distributions at hand, and once as
 * a replay law, the exact distribution of that number given the committed path.
 */
public interface VerificationRule {
  /** The name on the command line and in reports. */
  String name();

  /**
   * The settings that a draft model samples under while the target samples under the given ones:
   * the same, unless the rule says otherwise.
   */
  default SamplingParameters draftSampling(SamplingParameters target) {
    return target;
  }

  /**
   * The live decision.
   *
   * @param target [draftLength + 1]: p at each drafted token and after the last, given the tokens
   *     before it
   */
  Verdict verify(Proposal proposal, List<Distribution> target, RandomGenerator random);

  /**
   * The replay law: sets survival[k] = P(at least k drafted tokens accepted | path) for k = 0 …
   * draftLength, for a block whose first drafted token stands at {@code start}. Does not depend on
   * the draft length.
   *
   * @param start 0-based; start + draftLength is at most path.length()
   * @param survival at least draftLength + 1 long
   */
  void survival(RecordedPath path, int start, int draftLength, double[] survival);

  /**
   * A number [path.length()] for each position, if the law follows from these: survival[k] is the
   * least of 1 and the products of the first one, two, … k numbers from {@code start}. Null if it
   * does not, and where {@link #independent} says it all.
   */
  default double[] factors(RecordedPath path) {
    return null;
  }

  /**
   * Whether, given the path, the acceptances of a block are independent of each other, so that
   * survival[k] is the product of survival[1] at the k positions. Replay then needs no more than
   * that one number of each position.
   */
  default boolean independent() {
    return false;
  }

  /** Whether the law needs to know which token the draft likes most. */
  default boolean asksForChoice() {
    return false;
  }

  /**
   * The acceptance of a drafted token at a context, where the rule's acceptances are independent
   * and this is one of those that logits give at any temperature; null otherwise.
   */
  default ContextAcceptance contextAcceptance() {
    return null;
  }

  /** Where the rule comes from, for the sources of a report. */
  String source();
}
