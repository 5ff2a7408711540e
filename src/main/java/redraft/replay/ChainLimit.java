package redraft.replay;

/**
 * How many tokens no lossless rule accepts more than, of one chain that the draft samples: from a
 * start s a chain of K is accepted as far as {@code Σ_{k≤K} E_p[min(1, r_s ⋯ r_{s+k−1})]} at most,
 * because no rule emits a text as k drafted tokens more often than the draft proposes it or the
 * target writes it. The committed path is one draw of the target's, so that its own terms are an
 * unbiased estimate (docs/theory.md, "What no rule can exceed").
 *
 * @param ratio [N] q / p of each token
 */
record ChainLimit(double[] ratio) implements StepLimit {
  @Override
  public double accepted(int position, int drafted) {
    double product = 1;
    double sum = 0;
    int end = Math.min(position + drafted, ratio.length - 1); // the last token ends its step
    for (int t = position; t < end && product > 0; t++) {
      product *= ratio[t];
      sum += Math.min(1, product);
    }
    return sum;
  }
}
