package redraft.replay;

import java.util.stream.DoubleStream;
import redraft.steps.StepShape;
import redraft.trace.DraftKind;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/** A draft whose probabilities were recorded. */
public final class RecordedDraft implements ReplayDraft {
  private final TraceHeader header;
  private final int index;

  /**
   * @param index in the trace's header
   */
  public RecordedDraft(TraceHeader header, int index) {
    this.header = header;
    this.index = index;
  }

  @Override
  public String name() {
    return header.drafts().get(index).name();
  }

  @Override
  public StepShape step(int drafted) {
    return shape(header.drafts().get(index).kind(), drafted);
  }

  static StepShape shape(DraftKind kind, int drafted) {
    return kind == DraftKind.LOOKUP ? StepShape.copy(drafted) : StepShape.chain(drafted);
  }

  @Override
  public AcceptanceLaw law(TraceSequence sequence, VerificationRule rule) {
    return new RuleLaw(rule, RecordedPaths.of(sequence, index));
  }

  @Override
  public double overlapSum(TraceSequence sequence) {
    return DoubleStream.of(sequence.drafts().get(index).overlap()).sum();
  }

  @Override
  public String estimateRefusal() {
    return null;
  }

  @Override
  public TemperatureEstimate estimate(TraceSequence sequence, double temperature) {
    return TemperatureEstimate.of(
        sequence, index, header.tokenizer().vocabularySize(), temperature);
  }
}
