package redraft.replay;

import redraft.latency.Deployment;
import redraft.policy.DraftLengthPolicy;
import redraft.verify.VerificationRule;

/**
 * One way to decode under one deployment. Two settings are two, also where everything in them has
 * the same name.
 */
public final class Setting {
  private final ReplayDraft draft;
  private final VerificationRule rule;
  private final DraftLengthPolicy policy;
  private final Deployment deployment;

  public Setting(
      ReplayDraft draft, VerificationRule rule, DraftLengthPolicy policy, Deployment deployment) {
    this.draft = draft;
    this.rule = rule;
    this.policy = policy;
    this.deployment = deployment;
  }

  public ReplayDraft draft() {
    return draft;
  }

  public VerificationRule rule() {
    return rule;
  }

  public DraftLengthPolicy policy() {
    return policy;
  }

  public Deployment deployment() {
    return deployment;
  }

  /** Of the first step; null where the policy takes none. */
  public Integer draftLength() {
    return policy.draftLength();
  }
}
