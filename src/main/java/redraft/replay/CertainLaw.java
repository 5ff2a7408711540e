package redraft.replay;

/**
 * The law of a draft whose proposals are certain: each block is accepted exactly as far as it
 * matches the path.
 *
 * @param matched [N]: leading tokens of an unlimited draft starting here that are accepted
 * @param available [N]: how many tokens such a draft has, or null for no bound
 */
public record CertainLaw(int[] matched, int[] available) implements AcceptanceLaw {
  @Override
  public int length() {
    return matched.length;
  }

  @Override
  public int available(int position) {
    return available == null ? Integer.MAX_VALUE : available[position];
  }

  @Override
  public int known(int position) {
    return Math.max(matched[position], matched.length - position - 1);
  }

  @Override
  public void survival(int position, int draftLength, double[] survival) {
    for (int k = 0; k <= draftLength; k++) {
      survival[k] = k <= matched[position] ? 1 : 0;
    }
  }
}
