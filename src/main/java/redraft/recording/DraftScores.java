package redraft.recording;

import redraft.decode.Continuation;
import redraft.sampling.Distribution;
import redraft.trace.TraceSequence;

/** What a draft thought of the tokens of one path, as they become known. */
interface DraftScores {
  /**
   * The next tokens of the path.
   *
   * @param p [at least count] what the target drew them from
   */
  void add(int[] tokens, Distribution[] p, int count);

  /** All of it, once the path has ended. */
  TraceSequence.Draft result(Continuation path);
}
