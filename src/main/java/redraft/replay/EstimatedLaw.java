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
    return new IndependentLaw(low);
  }

  AcceptanceLaw highest() {
    return new IndependentLaw(high);
  }

  @Override
  public int length() {
    return acceptance.length;
  }

  @Override
  public void survival(int position, int draftLength, double[] survival) {
    new IndependentLaw(acceptance).survival(position, draftLength, survival);
  }
}
