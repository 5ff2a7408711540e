package redraft.replay;

import redraft.sampling.SamplingParameters;
import redraft.verify.RecordedPath;
import redraft.verify.VerificationRule;

/** The law of a verification rule on recorded probabilities. */
public final class RuleLaw implements AcceptanceLaw {
  private static final SamplingParameters ANY = SamplingParameters.temperature(1);
  private final VerificationRule rule;
  private final RecordedPath path;
  private final double[]
      acceptance; // [N], or null where the rule's acceptances depend on each other

  public RuleLaw(VerificationRule rule, RecordedPath path) {
    this.rule = rule;
    this.path = path;
    acceptance = rule.independent() ? new double[path.length()] : null;
    double[] survival = new double[2];
    for (int t = 0; acceptance != null && t < acceptance.length; t++) {
      rule.survival(path, t, 1, survival);
      acceptance[t] = survival[1];
    }
  }

  @Override
  public int length() {
    return path.length();
  }

  @Override
  public void survival(int position, int draftLength, double[] survival) {
    rule.survival(path, position, draftLength, survival);
  }

  /** Of drafts that are drawn; null of the draft's choices. */
  StepLimit limit() {
    return rule.draftSampling(ANY).equals(ANY) ? new ChainLimit(path.ratio()) : null;
  }

  /** Whether what is rejected is always the draft's likeliest token. */
  boolean asksForChoice() {
    return rule.asksForChoice();
  }

  @Override
  public double[] acceptance() {
    return acceptance;
  }

  @Override
  public double[] factors() {
    return acceptance == null ? rule.factors(path) : acceptance;
  }
}
