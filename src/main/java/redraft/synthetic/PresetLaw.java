package redraft.synthetic;

import redraft.replay.AcceptanceLaw;

/**
 * The law of a preset: the same wherever a block starts.
 *
 * @param length N, the number of tokens to commit
 * @param survival [at least N]: P(at least k drafted tokens accepted)
 */
record PresetLaw(int length, double[] survival) implements AcceptanceLaw {
  @Override
  public void survival(int position, int draftLength, double[] survival) {
    System.arraycopy(this.survival, 0, survival, 0, draftLength + 1);
  }
}
