package redraft.replay;

import redraft.steps.StepSink;

/**
 * Tells the steps that speculative decoding takes on one sequence: what happens, never what it
 * costs. Safe for use by several threads at once.
 */
public interface Replayer {
  /**
   * @param sequence of at least one token to commit
   */
  void replay(ReplaySequence sequence, StepSink sink);
}
