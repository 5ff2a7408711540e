package redraft.traffic;

import redraft.replay.AcceptanceLaw;
import redraft.replay.ReplaySequence;

/** What a recorded text says of the drafts on it, looked up quickly. */
public final class RecordedText {
  private final String name;
  private final int promptTokens;
  private final int tokens;
  private final boolean endKnown;
  private final int longest;
  private final double[] survival; // [tokens · longest]: P(at least 1, 2, … drafted accepted)
  private final int[] available; // [tokens]: drafted tokens that there can be
  private final float[] largest; // [tokens]: the draft's largest probability; null where not said

  /**
   * @param sequence as a draft replays it under a rule
   * @param longest draft length that is asked for
   */
  public RecordedText(ReplaySequence sequence, int longest) {
    this(sequence, longest, null);
  }

  /**
   * The same with how sure the draft was.
   *
   * @param largest its largest probability at each token; null where it does not say
   */
  public RecordedText(ReplaySequence sequence, int longest, float[] largest) {
    this.largest = largest;
    AcceptanceLaw law = sequence.law();
    name = sequence.name();
    promptTokens = sequence.promptTokens() + sequence.decodeFrom();
    tokens = law.length();
    endKnown = sequence.endKnown();
    this.longest = longest;
    survival = new double[Math.multiplyExact(tokens, longest)];
    available = new int[tokens];
    double[] at = new double[longest + 1];
    for (int t = 0; t < tokens; t++) {
      available[t] = Math.min(longest, law.available(t));
      int known = Math.min(available[t], tokens - t - 1);
      law.survival(t, known, at);
      System.arraycopy(at, 1, survival, t * longest, known);
    }
  }

  /** The recorded sequence. */
  public String name() {
    return name;
  }

  /** Tokens before the first that is decoded. */
  public int promptTokens() {
    return promptTokens;
  }

  /** Tokens that are decoded. */
  public int tokens() {
    return tokens;
  }

  /** Whether it says how sure the draft was. */
  boolean saysHowSure() {
    return largest != null;
  }

  /** The draft's largest probability at a token; that of its last beyond the end. */
  double largest(int position, int ahead) {
    return largest[Math.min(tokens - 1, position % tokens + ahead)];
  }

  /**
   * Tokens that a step drafts.
   *
   * @param position of the token that it emits first; beyond the end the text begins anew
   * @param wanted draft length
   * @param left tokens until the request ends
   */
  int drafted(int position, int wanted, int left) {
    int most = Math.min(wanted, available[position % tokens]);
    return endKnown ? Math.min(most, left - 1) : most;
  }

  /**
   * How many of them are accepted.
   *
   * @param uniform from 0 to 1; the same number accepts as many or more of a longer draft
   */
  int accepted(int position, int drafted, double uniform) {
    int from = position % tokens * longest;
    int accepted = 0;
    while (accepted < drafted && uniform < survival[from + accepted]) {
      accepted++;
    }
    return accepted;
  }
}
