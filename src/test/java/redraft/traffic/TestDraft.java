package redraft.traffic;

import redraft.replay.AcceptanceLaw;
import redraft.replay.ReplayDraft;
import redraft.steps.StepShape;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/** A draft model by the shape of its steps alone, for tests that bring laws of their own. */
public enum TestDraft implements ReplayDraft {
  CHAIN;

  @Override
  public StepShape step(int drafted) {
    return StepShape.chain(drafted);
  }

  @Override
  public AcceptanceLaw law(TraceSequence sequence, VerificationRule rule) {
    throw new UnsupportedOperationException();
  }
}
