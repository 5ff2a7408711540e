package redraft.latency;

import java.util.Arrays;
import redraft.hardware.ModelShape;
import redraft.json.CheckedObject;

/**
 * Measured times of the parts of one model's pass on a GPU, in milliseconds: what each row costs in
 * a decoder layer and outside of them, what sampled rows cost, attention, and experts.
 */
final class LayerTimes {
  private static final double US = 1e-3; // milliseconds

  /** The longest time, microseconds. */
  static final double MOST_US = 1e12;

  private final Columns columns;
  private final int layers;
  private final TimeGrid layer; // by rows
  private final TimeGrid once; // by rows
  private final TimeGrid sampled; // by sampled rows
  private final TimeGrid attention; // by chunk, sequences, their caches in that order
  private final TimeGrid experts; // by experts activated, rows; null without experts
  private final double shortestChunk;
  private final double[] byRows; // [rows]: milliseconds of all layers and what is outside of them

  /**
   * Times as files hold them, in microseconds.
   *
   * @param model its name
   * @param layers of the decoder
   * @param layer by rows: everything of a decoder layer but attention and experts
   * @param once by rows: embedding and final norm
   * @param sampled by sampled rows: vocabulary projection and sampling
   * @param attention of one layer, by {@code chunk}, {@code sequences}, {@code chunkCache}, {@code
   *     cache}
   * @param router how many experts there are, and how many of them a token visits; null without
   *     experts
   * @param experts of one layer, by {@code activated} and {@code rows}
   */
  record Columns(
      String model,
      int layers,
      TimeGrid.Points layer,
      TimeGrid.Points once,
      TimeGrid.Points sampled,
      TimeGrid.Points attention,
      ModelShape.Experts router,
      TimeGrid.Points experts) {
    /** The same layers, fewer of them. */
    Columns with(String name, int count) {
      return new Columns(name, count, layer, once, sampled, attention, router, experts);
    }

    static Columns read(CheckedObject fields) {
      CheckedObject attention = fields.child("attention");
      CheckedObject experts = fields.has("experts") ? fields.child("experts") : null;
      return new Columns(
          fields.text("model"),
          fields.count("layers", null),
          points(fields, "layerUs", 1, "rows"),
          points(fields, "onceUs", 1, "rows"),
          points(fields, "sampledUs", 1, "sampledRows"),
          points(attention, "us", 0, "chunk", "sequences", "chunkCache", "cache"),
          experts == null ? null : router(experts),
          experts == null ? null : points(experts, "us", 1, "activated", "rows"));
    }

    /** Times and the axes by which they were measured, all of one length. */
    static TimeGrid.Points points(CheckedObject fields, String times, int least, String... axes) {
      double[][] at = new double[axes.length][];
      for (int axis = 0; axis < axes.length; axis++) {
        at[axis] =
            fields.wholeNumbers(axes[axis], least, CheckedObject.MOST).stream()
                .mapToDouble(Integer::doubleValue)
                .toArray();
      }
      double[] us =
          fields.numbers(times, 0, MOST_US).stream().mapToDouble(Double::doubleValue).toArray();
      if (!Arrays.stream(at).allMatch(axis -> axis.length == us.length)) {
        fields.problem(times, "not as many as " + String.join(", ", axes));
      }
      return new TimeGrid.Points(at, us);
    }

    private static ModelShape.Experts router(CheckedObject fields) {
      int count = fields.count("count", null);
      int active = fields.count("active", null);
      if (active > count) {
        fields.problem("active", "more than there are experts, " + count);
      }
      return new ModelShape.Experts(count, active, 0, 1, 0);
    }
  }

  /**
   * @throws IllegalArgumentException if something was measured twice, or attention not of sequences
   *     that decode and of prompts that are read, each alone
   */
  LayerTimes(Columns columns) {
    this.columns = columns;
    layers = columns.layers;
    requireAlone(columns.attention.at());
    layer = TimeGrid.of(columns.layer);
    once = TimeGrid.of(columns.once);
    sampled = TimeGrid.of(columns.sampled);
    attention = TimeGrid.of(columns.attention);
    experts = columns.router == null ? null : TimeGrid.of(columns.experts);
    shortestChunk =
        Arrays.stream(columns.attention.at()[0]).filter(chunk -> chunk > 0).min().orElse(0);
    byRows = new double[(int) layer.last() + 1];
    for (int rows = 1; rows < byRows.length; rows++) {
      byRows[rows] = denseMs(rows) + expertsMs(rows);
    }
  }

  private static void requireAlone(double[][] attention) {
    boolean decoding = false;
    boolean reading = false;
    for (int i = 0; i < attention[0].length; i++) {
      decoding |= attention[0][i] == 0 && attention[1][i] > 0;
      reading |= attention[0][i] > 0 && attention[1][i] == 0;
    }
    if (!decoding || !reading) {
      throw new IllegalArgumentException(
          "no attention of "
              + (decoding ? "a prompt that is read" : "sequences that decode")
              + " alone was measured");
    }
  }

  Columns columns() {
    return columns;
  }

  boolean hasExperts() {
    return experts != null;
  }

  /** Most rows of a prompt that are read in one pass: the longest chunk that was measured. */
  int longestChunk() {
    return (int) attention.last();
  }

  /** Everything that all rows go through, but attention and experts. */
  double denseMs(int rows) {
    return US * (layers * layer.at(rows) + once.at(rows));
  }

  /** Vocabulary projection and sampling. */
  double sampledMs(int rows) {
    return rows == 0 ? 0 : US * sampled.at(rows);
  }

  /** All layers' experts where rows choose on their own and all experts alike; 0 without any. */
  double expertsMs(int rows) {
    return experts == null ? 0 : expertsMs(rows, columns.router.distinct(rows));
  }

  /**
   * All layers' experts.
   *
   * @param rows that visit them
   * @param activated experts that any of these visits, not necessarily a whole number
   */
  double expertsMs(int rows, double activated) {
    return US * layers * experts.at(activated, rows);
  }

  /**
   * All layers' attention.
   *
   * @param chunk tokens of prompts that are read
   * @param sequences that decode, one row each
   * @param chunkCache tokens in the caches of the prompts before
   * @param cache tokens in the cache of each of these before, on average
   */
  double attentionMs(double chunk, double sequences, double chunkCache, double cache) {
    return US * layers * attention.at(chunk, sequences, chunkCache, cache);
  }

  /** All of a pass. */
  double passMs(Load load) {
    int rows = load.allRows();
    if (rows == 0) {
      return 0;
    }
    double all = rows < byRows.length ? byRows[rows] : denseMs(rows) + expertsMs(rows);
    return all + sampledMs(load.rows() + load.prompts()) + attentionMs(load);
  }

  /**
   * Attention of a pass. Where any sequence has several rows, as in verification, one kernel runs
   * for all: that of sequences beside a prompt, whose time is the same for few rows and for as many
   * as the shortest chunk that was measured.
   */
  double attentionMs(Load load) {
    int sequences = load.sequences();
    boolean oneRowEach = load.promptRows() == 0 && load.rows() == sequences;
    return attentionMs(
        oneRowEach ? 0 : Math.max(load.promptRows(), shortestChunk),
        sequences,
        load.promptCachedTokens(),
        sequences == 0 ? 0 : (double) load.cachedTokens() / sequences);
  }

  /** Reading prompts one after another, in chunks as long as the longest measured one. */
  double prefillMs(int prompts, int tokens) {
    double ms = 0;
    long all = (long) prompts * tokens;
    for (long done = 0; done < all; ) {
      int rows = (int) Math.min(longestChunk(), all - done);
      int touched = (int) ((done + rows - 1) / tokens - done / tokens + 1);
      ms += passMs(new Load(0, 0, 0, touched, rows, done % tokens, 0, touched));
      done += rows;
    }
    return ms;
  }
}
