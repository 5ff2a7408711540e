package redraft.trace;

import java.util.Locale;

/** How many raw logits a trace keeps at each position. */
public enum LogitDetail {
  /** None: probabilities of the committed tokens only. */
  NONE,
  /** The largest ones. */
  TOP,
  /** The whole vocabulary. */
  ALL;

  /** The word used in files and on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
