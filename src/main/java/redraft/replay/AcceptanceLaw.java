package redraft.replay;

/**
 * What replay knows of one recorded path under one draft and one rule: the law of a block's
 * accepted tokens.
 */
public interface AcceptanceLaw {
  /** N, the number of tokens to commit. */
  int length();

  /**
   * The most tokens that a draft starting at this position can have; {@link Integer#MAX_VALUE} for
   * no bound.
   */
  default int available(int position) {
    return Integer.MAX_VALUE;
  }

  /**
   * How many tokens of a draft starting here it is known of whether they are accepted: those before
   * the last token of the path, which its step emits in any case. Measured accept lengths may reach
   * past it.
   */
  default int known(int position) {
    return length() - position - 1;
  }

  /**
   * Sets survival[k] = P(at least k drafted tokens accepted | path) for k = 0 … draftLength.
   *
   * @param position 0-based start of the block
   * @param draftLength at most {@link #known}
   */
  void survival(int position, int draftLength, double[] survival);

  /**
   * P(x_t accepted | path, drafted) for every position, where this alone decides: survival[k] is
   * the product over the k positions, and drafts have no bound. Null otherwise.
   */
  default double[] acceptance() {
    return null;
  }

  /**
   * A number for each position, if the law follows from these: survival[k] is the least of 1 and
   * the products of the first one, two, … k numbers from the position on, as it is where
   * acceptances are independent. Null if it does not.
   */
  default double[] factors() {
    return acceptance();
  }
}
