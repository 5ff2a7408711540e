package redraft.replay;

import redraft.verify.RecordedPath;
import redraft.verify.VerificationRule;

/** The law of a verification rule on recorded probabilities. */
public record RuleLaw(VerificationRule rule, RecordedPath path) implements AcceptanceLaw {
  @Override
  public int length() {
    return path.length();
  }

  @Override
  public void survival(int position, int draftLength, double[] survival) {
    rule.survival(path, position, draftLength, survival);
  }
}
