package redraft.synthetic;

import redraft.replay.AcceptanceLaw;
import redraft.replay.ReplayDraft;
import redraft.steps.StepShape;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/**
 * A preset in the place of a draft: the same sequences, costs and ends, and an acceptance that
 * knows nothing of the texts. Rules make no difference to it.
 *
 * @param place the draft whose place it takes
 */
public record PresetDraft(Preset preset, ReplayDraft place) implements ReplayDraft {
  @Override
  public String name() {
    return preset.name();
  }

  @Override
  public StepShape step(int drafted) {
    return place.step(drafted);
  }

  @Override
  public AcceptanceLaw law(TraceSequence sequence, VerificationRule rule) {
    return preset.law(place.law(sequence, rule).length());
  }

  @Override
  public int positions(TraceSequence sequence) {
    return place.positions(sequence);
  }

  @Override
  public boolean endKnown(TraceSequence sequence) {
    return place.endKnown(sequence);
  }
}
