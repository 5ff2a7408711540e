package redraft.replay;

import java.util.Arrays;
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
    double[] q = sequence.drafts().get(draft).logprob();
    int[] rank = sequence.drafts().get(draft).rank();
    return of(
        Arrays.copyOfRange(sequence.target().logprob(), from, q.length),
        Arrays.copyOfRange(q, from, q.length),
        rank == null ? null : Arrays.copyOfRange(rank, from, q.length));
  }

  /**
   * @param p [N] ln p of each token
   * @param q [N] ln q
   * @param rank [N]; null where it is not known
   */
  static RecordedPath of(double[] p, double[] q, int[] rank) {
    double[] ratio = new double[q.length];
    double[] draftProbability = new double[q.length];
    boolean[] draftArgmax = rank == null ? null : new boolean[q.length];
    for (int t = 0; t < q.length; t++) {
      ratio[t] = Math.exp(q[t] - p[t]);
      draftProbability[t] = Math.exp(q[t]);
      if (rank != null) {
        draftArgmax[t] = rank[t] == 1;
      }
    }
    return new RecordedPath(ratio, draftProbability, draftArgmax);
  }
}
