package redraft.replay;

/**
 * A law of independent acceptances that are known within bounds; replayed with the midpoints.
 *
 * @param low [N]: the least that each acceptance can be
 * @param high [N]: the greatest
 * @param acceptance [N]: their midpoints
 */
record EstimatedLaw(double[] low, double[] high, double[] acceptance) implements AcceptanceLaw {
  EstimatedLaw(double[] low, double[] high) {
    this(low, high, new double[low.length]);
    for (int t = 0; t < low.length; t++) {
      acceptance[t] = (low[t] + high[t]) / 2;
    }
  }

  AcceptanceLaw lowest() {
    return new EstimatedLaw(low, low, low);
  }

  AcceptanceLaw highest() {
    return new EstimatedLaw(high, high, high);
  }

  @Override
  public int length() {
    return acceptance.length;
  }

  @Override
  public void survival(int position, int draftLength, double[] survival) {
    survival[0] = 1;
    for (int k = 1; k <= draftLength; k++) {
      survival[k] = survival[k - 1] * acceptance[position + k - 1];
    }
  }
}
