package redraft.replay;

/**
 * One recorded sequence as replay sees it.
 *
 * @param name of the sequence, which names its random numbers
 * @param promptLength tokens known before the first one that decoding commits
 * @param endKnown whether decoding stops at a length limit, known in advance, so that no block
 *     drafts past it; a block that meets an end token was drafted in full
 */
public record ReplaySequence(String name, AcceptanceLaw law, int promptLength, boolean endKnown) {
  /** The same sequence under another law. */
  ReplaySequence with(AcceptanceLaw other) {
    return new ReplaySequence(name, other, promptLength, endKnown);
  }

  /** The same sequence after a prompt of another length. */
  ReplaySequence withPromptLength(int other) {
    return new ReplaySequence(name, law, other, endKnown);
  }

  /** The mean of {@link #contextTokens} over the path. */
  public double meanContextTokens() {
    return contextTokens(0) + (law.length() - 1) / 2.0;
  }

  /** The longest text that decoding reaches: prompt and generated tokens. */
  public int textTokens() {
    return promptLength + law.length();
  }

  /** Tokens that a block starting at this position drafts when asked for {@code draftLength}. */
  int drafted(int position, int draftLength) {
    int drafted = Math.min(draftLength, law.available(position));
    return endKnown ? Math.min(drafted, law.length() - position - 1) : drafted;
  }

  /**
   * Tokens in the target's cache when a step starts here: all committed ones but the last, which is
   * the first row.
   */
  int contextTokens(int position) {
    return promptLength + position - 1;
  }
}
