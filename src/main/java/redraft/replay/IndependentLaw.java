package redraft.replay;

/**
 * A law of acceptances that are independent of each other.
 *
 * @param acceptance [N]: P(x_t accepted | path, drafted)
 */
record IndependentLaw(double[] acceptance) implements AcceptanceLaw {
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
