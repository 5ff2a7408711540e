package redraft.replay;

import redraft.steps.StepShape;
import redraft.trace.DraftKind;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;

/** A draft that a trace says something of: its name, and the steps of its kind. */
abstract class TraceDraft implements ReplayDraft {
  final DraftInfo draft;
  private final int index;

  /**
   * @param index in the trace's header
   */
  TraceDraft(DraftInfo draft, int index) {
    this.draft = draft;
    this.index = index;
  }

  @Override
  public String name() {
    return draft.name();
  }

  @Override
  public StepShape step(int drafted) {
    return draft.kind() == DraftKind.LOOKUP
        ? StepShape.copy(drafted)
        : draft.parallel() ? StepShape.parallel(drafted) : StepShape.chain(drafted);
  }

  /** Whether it is known which rank the target's own draws have. */
  boolean ranked() {
    return false;
  }

  /** What a sequence says of it. */
  final Draft of(TraceSequence sequence) {
    return sequence.drafts().get(index);
  }

  @Override
  public String estimateRefusal() {
    return "draft '"
        + name()
        + "' was measured without probabilities, so there is no estimate at another temperature";
  }
}
