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
   * Times as files hold them, in microseconds, and where they were measured.
   *
   * @param model its name
   * @param layers of the decoder
   * @param rows ascending, of {@code layerUs} and {@code onceUs}
   * @param layerUs [rows]: everything of a decoder layer but attention and experts
   * @param onceUs [rows]: embedding and final norm
   * @param sampledRows ascending, of {@code sampledUs}
   * @param sampledUs [sampledRows]: vocabulary projection and sampling
   * @param attention {@code chunk}, {@code sequences}, {@code chunkCache}, {@code cache}
   * @param attentionUs of one layer's attention, for each entry of these
   * @param router how many experts there are, and how many of them a token visits; null without
   *     experts
   * @param experts {@code activated}, {@code rows}
   * @param expertsUs of one layer's experts, for each entry of these
   */
  record Columns(
      String model,
      int layers,
      double[] rows,
      double[] layerUs,
      double[] onceUs,
      double[] sampledRows,
      double[] sampledUs,
      double[][] attention,
      double[] attentionUs,
      ModelShape.Experts router,
      double[][] experts,
      double[] expertsUs) {
    /** The same layers, fewer of them. */
    Columns with(String name, int count) {
      return new Columns(
          name,
          count,
          rows,
          layerUs,
          onceUs,
          sampledRows,
          sampledUs,
          attention,
          attentionUs,
          router,
          experts,
          expertsUs);
    }

    static Columns read(CheckedObject fields) {
      CheckedObject attention = fields.child("attention");
      CheckedObject experts = fields.has("experts") ? fields.child("experts") : null;
      Columns read =
          new Columns(
              fields.text("model"),
              fields.count("layers", null),
              whole(fields, "rows", 1),
              times(fields, "layerUs"),
              times(fields, "onceUs"),
              whole(fields, "sampledRows", 1),
              times(fields, "sampledUs"),
              new double[][] {
                whole(attention, "chunk", 0),
                whole(attention, "sequences", 0),
                whole(attention, "chunkCache", 0),
                whole(attention, "cache", 0)
              },
              times(attention, "us"),
              experts == null ? null : router(experts),
              experts == null
                  ? null
                  : new double[][] {whole(experts, "activated", 1), whole(experts, "rows", 1)},
              experts == null ? null : times(experts, "us"));
      check(fields, "layerUs", "rows", read.layerUs, read.rows);
      check(fields, "onceUs", "rows", read.onceUs, read.rows);
      check(fields, "sampledUs", "sampledRows", read.sampledUs, read.sampledRows);
      check(
          attention,
          "us",
          "chunk, sequences, chunkCache and cache",
          read.attentionUs,
          read.attention);
      if (experts != null) {
        check(experts, "us", "activated and rows", read.expertsUs, read.experts);
      }
      return read;
    }

    private static ModelShape.Experts router(CheckedObject fields) {
      int count = fields.count("count", null);
      int active = fields.count("active", null);
      if (active > count) {
        fields.problem("active", "more than there are experts, " + count);
      }
      return new ModelShape.Experts(count, active, 0, 1, 0);
    }

    private static double[] whole(CheckedObject fields, String field, int least) {
      return fields.wholeNumbers(field, least, CheckedObject.MOST).stream()
          .mapToDouble(Integer::doubleValue)
          .toArray();
    }

    private static double[] times(CheckedObject fields, String field) {
      return fields.numbers(field, 0, MOST_US).stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static void check(
        CheckedObject fields, String field, String others, double[] times, double[]... points) {
      for (double[] axis : points) {
        if (axis.length != times.length) {
          fields.problem(field, "not as many as " + others);
          return;
        }
      }
    }
  }

  /**
   * @throws IllegalArgumentException if something was measured twice, or attention not of sequences
   *     that decode and of prompts that are read, each alone
   */
  LayerTimes(Columns columns) {
    this.columns = columns;
    layers = columns.layers;
    requireAlone(columns.attention);
    layer = TimeGrid.of(new double[][] {columns.rows}, columns.layerUs);
    once = TimeGrid.of(new double[][] {columns.rows}, columns.onceUs);
    sampled = TimeGrid.of(new double[][] {columns.sampledRows}, columns.sampledUs);
    attention = TimeGrid.of(columns.attention, columns.attentionUs);
    experts = columns.router == null ? null : TimeGrid.of(columns.experts, columns.expertsUs);
    shortestChunk = Arrays.stream(columns.attention[0]).filter(chunk -> chunk > 0).min().orElse(0);
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
  private double attentionMs(Load load) {
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
