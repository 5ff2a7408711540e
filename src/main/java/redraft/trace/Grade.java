package redraft.trace;

import java.util.Locale;

/**
 * What the sequences of a trace can answer, and why no more. A recording of this program is exact;
 * what other programs keep often is less.
 */
public enum Grade {
  /** Draws of the target, and what target and drafts thought of them, or how far steps got. */
  EXACT("replay is exact", "nothing"),
  /** Of each step of one run, how many tokens were drafted and accepted. */
  COINS(
      "replay is exact where a token was drafted in that run; elsewhere acceptance is estimated, with bounds",
      "rules other than that of the run, and other temperatures: no probability was kept"),
  /** How often a step got so far, over all steps of one run. */
  HISTOGRAM(
      "tokens a step at the draft length of the run; shorter drafts are estimated, because steps would start elsewhere",
      "longer drafts than that of the run, rules other than its own, intervals and domains: steps were only counted"),
  /** Distributions of target and drafts on a text that is no draw of the target. */
  GIVEN_TEXT(
      "expected acceptance at the contexts of this text, as if decoding met them",
      "exact replay and rule block: the text is no draw of the target, so nothing says which tokens it would have kept");

  private final String answers;
  private final String refused;

  Grade(String answers, String refused) {
    this.answers = answers;
    this.refused = refused;
  }

  /** The word used in files. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What replay of such a trace says. */
  public String answers() {
    return answers;
  }

  /** What it cannot say, and why. */
  public String refused() {
    return refused;
  }
}
