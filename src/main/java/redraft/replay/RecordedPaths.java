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
    if (sequence.drafts().get(draft).logprob() == null) {
      throw new IllegalArgumentException(
          "sequence '" + sequence.id() + "' has no probabilities of single tokens");
    }
    int from = sequence.decodeFrom();
    double[] p = sequence.target().logprob();
    double[] q = sequence.drafts().get(draft).logprob();
    int[] rank = sequence.drafts().get(draft).rank();
    int length = p.length - from;
    double[] ratio = new double[length];
    double[] draftProbability = new double[length];
    boolean[] draftArgmax = rank == null ? null : new boolean[length];
    for (int t = 0; t < length; t++) {
      ratio[t] = Math.exp(q[from + t] - p[from + t]);
      draftProbability[t] = Math.exp(q[from + t]);
      if (rank != null) {
        draftArgmax[t] = rank[from + t] == 1;
      }
    }
    return new RecordedPath(ratio, draftProbability, draftArgmax);
  }
}
