package redraft.recording;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import redraft.decode.Continuation;
import redraft.model.Logits;
import redraft.model.ModelSession;
import redraft.sampling.Distribution;
import redraft.sampling.SamplingParameters;
import redraft.trace.TraceSequence;

/**
 * What the heads of a draft thought of one path: at every position, of as many of the tokens from
 * there on as there are heads. A position is scored once these are known.
 */
final class DepthScores implements DraftScores {
  private static final int ROWS = 32; // of a pass
  private final ModelSession session;
  private final int heads;
  private final SamplingParameters sampling;
  private int[] text = new int[64]; // [1 + known], the prompt's last token and the path
  private int known;
  private final float[] row; // [vocabularySize]
  private final List<double[]> logprob = new ArrayList<>(); // [positions scored][heads]
  private final List<int[]> rank = new ArrayList<>();

  /**
   * @param session of a model whose cache holds the prompt without its last token
   * @param last token of the prompt
   */
  DepthScores(
      ModelSession session, int heads, int vocabularySize, SamplingParameters sampling, int last) {
    this.session = session;
    this.heads = heads;
    this.sampling = sampling;
    row = new float[vocabularySize];
    text[0] = last;
  }

  @Override
  public void add(int[] tokens, Distribution[] p, int count) {
    if (text.length < 1 + known + count) {
      text = Arrays.copyOf(text, Math.max(2 * text.length, 1 + known + count));
    }
    System.arraycopy(tokens, 0, text, 1 + known, count);
    known += count;
    score(known - heads + 1);
  }

  /** Scores the positions before this one. */
  private void score(int end) {
    for (int from = logprob.size(); from < end; from = logprob.size()) {
      int to = Math.min(end, from + ROWS);
      Logits logits = session.forward(text, from, to);
      for (int position = from; position < to; position++) {
        score(logits, position - from, position);
      }
    }
  }

  private void score(Logits logits, int index, int position) {
    int depth = Math.min(heads, known - position);
    double[] logprobs = new double[depth];
    int[] ranks = new int[depth];
    for (int i = 0; i < depth; i++) {
      Logits head = logits.head(i);
      int token = text[1 + position + i];
      logprobs[i] = Math.log(head.distribution(index, sampling).probability(token));
      FloatBuffer values = head.row(index);
      values.get(0, row);
      ranks[i] = Recorder.rank(row, token);
    }
    logprob.add(logprobs);
    rank.add(ranks);
  }

  @Override
  public TraceSequence.Draft result(Continuation path) {
    score(known);
    return TraceSequence.Draft.ofDepths(
        new TraceSequence.Depths(logprob.toArray(double[][]::new), rank.toArray(int[][]::new)));
  }
}
