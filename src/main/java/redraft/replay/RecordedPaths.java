package redraft.replay;

import redraft.trace.TraceSequence;
import redraft.verify.RecordedPath;

/** Reads the input of the replay laws out of a trace. */
public final class RecordedPaths {
  private RecordedPaths() {}

  /**
   * @param draft index in the trace's header
   */
  public static RecordedPath of(TraceSequence sequence, int draft) {
    if (!sequence.drafts().get(draft).hasProbabilities()) {
      throw new IllegalArgumentException(
          "sequence '" + sequence.id() + "' was imported with accept lengths only");
    }
    double[] p = sequence.target().logprob();
    double[] q = sequence.drafts().get(draft).logprob();
    int[] rank = sequence.drafts().get(draft).rank();
    double[] ratio = new double[p.length];
    double[] draftProbability = new double[p.length];
    boolean[] draftArgmax = new boolean[p.length];
    for (int t = 0; t < p.length; t++) {
      ratio[t] = Math.exp(q[t] - p[t]);
      draftProbability[t] = Math.exp(q[t]);
      draftArgmax[t] = rank[t] == 1;
    }
    return new RecordedPath(ratio, draftProbability, draftArgmax);
  }
}
