package redraft.replay;

import redraft.steps.StepShape;
import redraft.steps.StepSink;

/** Plain decoding: a step for each token. */
public final class PlainReplay implements Replayer {
  @Override
  public void replay(ReplaySequence sequence, StepSink sink) {
    for (int t = 0; t < sequence.tokens(); t++) {
      sink.step(StepShape.PLAIN, t, 1);
    }
  }
}
