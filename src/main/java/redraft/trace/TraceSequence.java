package redraft.trace;

import java.util.List;

/**
 * One recorded continuation. All position arrays are [tokens.length].
 *
 * @param id names the prompt
 * @param sample counts from 0 when one prompt was sampled several times
 * @param tokens the committed path, sampled from the target; an end token is its last
 */
public record TraceSequence(
    String id,
    int sample,
    String domain,
    String prompt,
    int[] promptTokens,
    int[] tokens,
    Finish finish,
    Target target,
    List<Draft> drafts) {
  /** Why the sequence ended. */
  public enum Finish {
    /** With an end token. */
    EOS,
    /** At the length limit. */
    LENGTH
  }

  /**
   * @param logprob ln p_t(x_t) after the sampling transforms
   * @param entropy of p_t in nats, after the sampling transforms
   * @param margin largest minus second largest raw logit
   * @param top null where the trace keeps no logits
   */
  public record Target(double[] logprob, double[] entropy, double[] margin, TopLogits top) {}

  /**
   * @param logprob ln q_t(x_t) after the sampling transforms, −∞ for probability 0
   * @param rank 1-based rank of x_t among the draft's tokens, ties to the lower id
   * @param overlap Σ_v min(p_t(v), q_t(v))
   * @param top null where the trace keeps no logits
   */
  public record Draft(double[] logprob, int[] rank, double[] overlap, TopLogits top) {}

  /**
   * @param tokens [positions][n], largest logit first
   * @param logits [positions][n] raw
   * @param tail [positions]: ln of the probability mass not listed, at temperature 1; −∞ when all
   *     is listed
   */
  public record TopLogits(int[][] tokens, float[][] logits, double[] tail) {}

  public int length() {
    return tokens.length;
  }
}
