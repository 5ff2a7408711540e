package redraft.replay;

/** Replays one sequence. Safe for use by several threads at once. */
public interface Replayer {
  Expectation replay(ReplaySequence course);
}
