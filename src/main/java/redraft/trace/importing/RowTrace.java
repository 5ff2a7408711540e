package redraft.trace.importing;

import java.io.Closeable;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import redraft.sampling.Distribution;
import redraft.sampling.SamplingParameters;
import redraft.sampling.TopK;
import redraft.trace.DraftKind;
import redraft.trace.Grade;
import redraft.trace.LogitDetail;
import redraft.trace.TraceHeader;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSequence.Target;
import redraft.trace.TraceSequence.TopLogits;
import redraft.trace.TraceWriter;
import redraft.trace.importing.TraceImporter.Settings;

/**
 * The trace of texts of which target and drafts have a row of logits for every token. Rows are read
 * one at a time; of each the largest logits are kept.
 */
final class RowTrace implements Closeable {
  private static final int MOST_TOKENS = 1 << 24; // of a vocabulary

  /** Rows of one model, one after the other. */
  interface Rows {
    /**
     * @param row [vocabulary], overwritten
     */
    void next(float[] row) throws IOException;

    /** The row read last, as messages call it. */
    String place();
  }

  private final TraceWriter writer;
  private final Settings settings;
  private final SamplingParameters sampling;
  private final int kept; // logits at each position
  private final float[] row;

  RowTrace(Path trace, String source, int vocabulary, Collection<String> drafts, Settings settings)
      throws IOException {
    this.settings = settings;
    TraceHeader.Sampling stated = settings.sampling().or(1, 0, 1);
    sampling = new SamplingParameters(stated.temperature(), stated.topK(), stated.topP());
    if (settings.given() && stated.temperature() == 0) {
      throw new IllegalArgumentException(
          "a text that the target did not draw has probability 0 at temperature 0; import it at 1 and replay it with"
              + " --temperature 0, or say --sampled if the target drew it");
    }
    if (settings.given() && (stated.topK() > 0 || stated.topP() < 1)) {
      throw new IllegalArgumentException(
          "top-k and top-p rule out tokens that a given text may have; leave them out, or say --sampled if the target"
              + " drew it");
    }
    if (settings.models().kind() == DraftKind.DEPTH) {
      throw new IllegalArgumentException(
          "a row a token says nothing of the place in a block, which drafts of kind 'depth' depend on");
    }
    if (settings.vocabularySize() != null && settings.vocabularySize() != vocabulary) {
      throw new IllegalArgumentException(
          "the rows have "
              + vocabulary
              + " logits, so the vocabulary is not of the "
              + settings.vocabularySize()
              + " tokens that were given");
    }
    kept = Math.min(settings.topLogits(), vocabulary);
    row = new float[vocabulary];
    writer =
        new TraceWriter(
            trace,
            new TraceHeader(
                new TraceHeader.TokenizerInfo("", vocabulary),
                new TraceHeader.ModelInfo(settings.models().target(), "", 0),
                drafts.stream()
                    .map(name -> new DraftInfo(name, "", 0, settings.models().kind()))
                    .toList(),
                stated,
                LogitDetail.TOP,
                settings.given() ? Grade.GIVEN_TEXT : Grade.EXACT,
                source));
  }

  /** Refuses what would not fit into memory, before it is asked for. */
  static void requireVocabulary(String file, long vocabulary) {
    if (vocabulary < 1 || vocabulary > MOST_TOKENS) {
      throw new IllegalArgumentException(
          file + ": a vocabulary of " + vocabulary + " tokens, not from 1 to " + MOST_TOKENS);
    }
  }

  /** Reads a row for each token, of the target and of every draft, and writes what they say. */
  void write(String id, int[] prompt, int[] tokens, Rows target, List<Rows> drafts)
      throws IOException {
    int n = tokens.length;
    double[] p = new double[n];
    double[] entropy = new double[n];
    double[] margin = new double[n];
    Top targetTop = new Top(n);
    List<Scored> scored = new ArrayList<>();
    drafts.forEach(draft -> scored.add(new Scored(n)));
    for (int t = 0; t < n; t++) {
      Distribution distribution = distribution(target);
      if (distribution.probability(tokens[t]) == 0) {
        throw new IllegalArgumentException(
            target.place()
                + ": token "
                + tokens[t]
                + " has probability 0 there"
                + (settings.given()
                    ? ""
                    : sampling.temperature() == 0
                        ? ", because another one is more probable: the text was not drawn at temperature 0"
                        : ": the text was not drawn from these rows with that top-k and top-p"));
      }
      p[t] = Math.log(distribution.probability(tokens[t]));
      entropy[t] = distribution.entropy();
      margin[t] = margin(row);
      targetTop.add(t);
      for (int i = 0; i < drafts.size(); i++) {
        Distribution q = distribution(drafts.get(i));
        Scored draft = scored.get(i);
        draft.q[t] = Math.log(q.probability(tokens[t]));
        draft.rank[t] = rank(tokens[t]);
        draft.overlap[t] = distribution.overlap(q);
        draft.top.add(t);
      }
    }
    writer.write(
        new TraceSequence(
            new TraceSequence.Label(id, 0, settings.domain()),
            new TraceSequence.Prefix("", prompt),
            new TraceSequence.CommittedPath(tokens, Finish.LENGTH),
            new Target(p, entropy, margin, targetTop.result()),
            scored.stream().map(Scored::result).toList()));
  }

  private final class Scored {
    private final double[] q;
    private final int[] rank;
    private final double[] overlap;
    private final Top top;

    Scored(int n) {
      q = new double[n];
      rank = new int[n];
      overlap = new double[n];
      top = new Top(n);
    }

    Draft result() {
      return new Draft(q, rank, overlap, top.result());
    }
  }

  private Distribution distribution(Rows rows) throws IOException {
    rows.next(row);
    try {
      return Distribution.ofLogits(FloatBuffer.wrap(row), sampling);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(rows.place() + ": " + e.getMessage());
    }
  }

  /** 1-based rank of a token by logit, ties to the lower id. */
  private int rank(int token) {
    int rank = 1;
    for (int other = 0; other < row.length; other++) {
      rank += row[other] > row[token] || (row[other] == row[token] && other < token) ? 1 : 0;
    }
    return rank;
  }

  /** Largest minus second largest logit; 0 where there is no second. */
  private static double margin(float[] row) {
    float first = Float.NEGATIVE_INFINITY;
    float second = Float.NEGATIVE_INFINITY;
    for (float logit : row) {
      second = Math.max(second, Math.min(first, logit));
      first = Math.max(first, logit);
    }
    return second == Float.NEGATIVE_INFINITY ? 0 : first - (double) second;
  }

  /** The largest logits of each row and the mass of the others. */
  private final class Top {
    private final int[][] tokens;
    private final float[][] logits;
    private final double[] tail;

    Top(int n) {
      tokens = new int[n][];
      logits = new float[n][kept];
      tail = new double[n];
    }

    void add(int t) {
      tokens[t] = TopK.tokens(row, kept);
      double largest = row[tokens[t][0]];
      double all = 0;
      for (float logit : row) {
        all += Math.exp(logit - largest);
      }
      boolean[] listed = new boolean[row.length];
      for (int i = 0; i < kept; i++) {
        logits[t][i] = row[tokens[t][i]];
        listed[tokens[t][i]] = true;
      }
      double rest = 0; // summed by itself, because all − listed would be rounding
      for (int token = 0; token < row.length; token++) {
        rest += listed[token] ? 0 : Math.exp(row[token] - largest);
      }
      tail[t] = Math.log(rest / all);
    }

    TopLogits result() {
      return new TopLogits(tokens, logits, tail);
    }
  }

  /** The trace is complete. */
  void finish() throws IOException {
    writer.finish();
  }

  /** What is true of every trace of rows. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (settings.given()) {
      notes.add(
          "the text is taken for one that the target did not draw; --sampled says that it did, and replay is exact then");
    } else if (settings.sampling().temperature() == null) {
      notes.add("the text is taken to be drawn at temperature 1; --temperature names another one");
    }
    return notes;
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
