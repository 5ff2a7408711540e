package redraft.hardware;

import java.util.List;
import java.util.Locale;
import redraft.json.CheckedObject;

/**
 * The sizes of a decoder-only transformer, of a decoder with cross-attention, or of a head that
 * drafts from a target's hidden states, that its passes cost by.
 *
 * @param aliases other names
 * @param parameters what memory must hold: embeddings, every expert and any encoder included, what
 *     a head borrows from its target not
 * @param head what kind of head it is; null for a whole model
 */
public record ModelShape(
    String name,
    List<String> aliases,
    String title,
    Layers layers,
    Vocabulary vocabulary,
    double parameters,
    Source source,
    Head head) {

  /**
   * The layers of the decoder, all alike but for the experts that some may have.
   *
   * @param count 0 for Medusa heads
   * @param hidden width of the residual stream
   * @param feedForward of the layers without experts; where there are none, as wide as the experts
   *     that a token visits
   * @param crossAttention whether each also attends to an encoder's text, whose keys and values are
   *     computed once
   * @param experts in place of the feed-forward part; null where no layer has any
   */
  public record Layers(
      int count,
      int hidden,
      Attention attention,
      FeedForward feedForward,
      boolean crossAttention,
      Experts experts) {
    /** Layers with experts. */
    public int withExperts() {
      return experts == null ? 0 : count - experts.denseLayers;
    }
  }

  /**
   * The attention of a layer to the text before.
   *
   * @param heads of queries
   * @param kvHeads of keys and values; 1 where all heads share what is cached
   * @param headSize width of one head
   * @param weights of one layer where heads do not tell, as in multi-head latent attention; null
   *     otherwise
   * @param kvBytes of one token in one layer where heads do not tell; null otherwise
   */
  public record Attention(int heads, int kvHeads, int headSize, Double weights, Double kvBytes) {
    /** Attention whose weights and caches follow from its heads, at 2 bytes a number. */
    public Attention(int heads, int kvHeads, int headSize) {
      this(heads, kvHeads, headSize, null, null);
    }
  }

  /**
   * The feed-forward part of a layer.
   *
   * @param width inner one
   * @param gated whether it has three matrices rather than two
   */
  public record FeedForward(int width, boolean gated) {}

  /**
   * A mixture of experts: feed-forward parts of which a router chooses some for each token.
   *
   * @param count that the router chooses from
   * @param active of them, for one token
   * @param shared further ones, which every token visits
   * @param width inner one of each
   * @param denseLayers layers that have a feed-forward part instead
   */
  public record Experts(int count, int active, int shared, int width, int denseLayers) {
    /**
     * Experts that some tokens visit together, expected, if the router chose for each on its own
     * and all experts alike: E·(1 − (1 − k/E)ⁿ), as in <a
     * href="https://arxiv.org/abs/2505.19645">MoESD</a>. Real routers favour some experts and
     * choose alike for neighbours, so it is an upper bound of the mean.
     *
     * @param tokens 1 or more, not necessarily whole
     */
    public double distinct(double tokens) {
      return count * (1 - Math.pow(1 - (double) active / count, tokens));
    }
  }

  /**
   * The vocabulary projection.
   *
   * @param size its rows
   * @param tiedEmbeddings whether the embeddings are the same weights
   */
  public record Vocabulary(int size, boolean tiedEmbeddings) {}

  /**
   * What drafts from the hidden states of a target.
   *
   * @param count heads that draft side by side: those of Medusa; 1 for the others
   * @param targetHidden width of the target's hidden states
   */
  public record Head(Kind kind, int count, int targetHidden) {
    /** The kinds of heads. */
    public enum Kind {
      /**
       * One layer; the token's embedding and the hidden state before it are fused, 2h to h; the
       * target's vocabulary projection (<a href="https://arxiv.org/abs/2401.15077">Li et al.
       * 2024</a>; EAGLE-2 has the same head).
       */
      EAGLE,
      /**
       * One layer whose queries, keys and values read embedding and hidden state side by side, 2h;
       * hidden states of three of the target's layers are fused once for each token of the text, 3h
       * to h; its own vocabulary projection (<a href="https://arxiv.org/abs/2503.01840">Li et al.
       * 2025</a>).
       */
      EAGLE3,
      /**
       * One layer like the target's last; embedding and hidden state are fused, 2h to h; the
       * target's vocabulary projection (<a href="https://arxiv.org/abs/2412.19437">DeepSeek-AI
       * 2024</a>).
       */
      MTP,
      /**
       * Heads of a residual block, h to h, and a vocabulary projection each, which draft a whole
       * block in one pass (<a href="https://arxiv.org/abs/2401.10774">Cai et al. 2024</a>).
       */
      MEDUSA;

      /** The name in files and before a target's name. */
      public String word() {
        return name().toLowerCase(Locale.ROOT);
      }
    }

    /** Whether the vocabulary projection is the target's. */
    public boolean borrowsProjection() {
      return kind == Kind.EAGLE || kind == Kind.MTP;
    }
  }

  /**
   * Where the sizes are from.
   *
   * @param date of the source, or when they were written down
   * @param confidence how they were obtained: read, read-secondary, recalled, derived or measured
   */
  public record Source(String text, String date, String confidence) {}

  /** A whole model without other names. */
  public ModelShape(
      String name,
      String title,
      Layers layers,
      Vocabulary vocabulary,
      double parameters,
      Source source) {
    this(name, List.of(), title, layers, vocabulary, parameters, source, null);
  }

  /** Whether one pass drafts a whole block. */
  public boolean parallelDraft() {
    return head != null && head.kind == Head.Kind.MEDUSA;
  }

  /** Weights of one layer without experts that a pass reads and multiplies every row with. */
  public double layerWeights() {
    return attentionWeights() + feedForwardWeights(layers.feedForward.width);
  }

  /**
   * Weights of one layer with experts, the router and the shared ones included.
   *
   * @param chosen experts besides the shared ones, not necessarily a whole number
   */
  public double expertLayerWeights(double chosen) {
    Experts experts = layers.experts;
    return attentionWeights()
        + (double) layers.hidden * experts.count
        + (chosen + experts.shared) * feedForwardWeights(experts.width);
  }

  private double attentionWeights() {
    Attention heads = layers.attention;
    if (heads.weights != null) {
      return heads.weights;
    }
    double hidden = layers.hidden;
    double inputs = head != null && head.kind == Head.Kind.EAGLE3 ? 2 : 1;
    double queries = hidden * heads.heads * heads.headSize;
    double keysAndValues = 2 * hidden * heads.kvHeads * heads.headSize;
    double output = queries;
    return inputs * (queries + keysAndValues) + output + (layers.crossAttention ? 2 * queries : 0);
  }

  private double feedForwardWeights(int width) {
    return (layers.feedForward.gated ? 3.0 : 2.0) * layers.hidden * width;
  }

  /** Weights of the vocabulary projection; of one head's for Medusa. */
  public double projectionWeights() {
    return (double) layers.hidden * vocabulary.size;
  }

  /**
   * Weights that fuse what a head reads of the target; of one head's residual block for Medusa; 0
   * for a whole model.
   */
  public double inputWeights() {
    if (head == null) {
      return 0;
    }
    double hidden = layers.hidden;
    return switch (head.kind) {
      case EAGLE, MTP -> hidden * (hidden + head.targetHidden);
      case EAGLE3 -> hidden * 3 * head.targetHidden;
      case MEDUSA -> hidden * hidden;
    };
  }

  /**
   * Weights that a pass over one token reads, those of every head and of a borrowed projection
   * included; single rows of the embedding count for nothing.
   */
  public double passWeights() {
    return weights(layers.experts == null ? 0 : layers.experts.active, 1);
  }

  /** Parameters that follow from the sizes; norms, biases and learnt positions are left out. */
  public double countedParameters() {
    double projections =
        head == null ? (vocabulary.tiedEmbeddings ? 1 : 2) : head.borrowsProjection() ? 0 : 1;
    return weights(layers.experts == null ? 0 : layers.experts.count, projections);
  }

  private double weights(double chosenExperts, double projections) {
    int withExperts = layers.withExperts();
    return (layers.count - withExperts) * layerWeights()
        + (withExperts == 0 ? 0 : withExperts * expertLayerWeights(chosenExperts))
        + (head == null ? 1 : head.count) * (inputWeights() + projections * projectionWeights());
  }

  /** Keys and values of one token, 2 bytes each unless they have a figure of their own. */
  public double kvBytesPerToken() {
    Attention heads = layers.attention;
    return layers.count
        * (heads.kvBytes == null ? 2.0 * 2 * heads.kvHeads * heads.headSize : heads.kvBytes);
  }

  static ModelShape read(CheckedObject fields) {
    String name = fields.text("name");
    int hidden = fields.count("hidden", null);
    Head head = fields.has("head") ? readHead(fields.child("head"), hidden) : null;
    // Medusa heads have no layers.
    boolean layered = head == null || head.kind != Head.Kind.MEDUSA;
    int count = fields.count("layers", layered ? null : (Integer) 0);
    Integer absent = layered ? null : (Integer) 1;
    Experts experts =
        fields.has("experts") ? readExperts(fields.child("experts"), fields, count) : null;
    Attention attention =
        new Attention(
            fields.count("heads", absent),
            fields.count("kvHeads", absent),
            fields.count("headSize", absent),
            fields.has("attentionWeights")
                ? (Double) fields.number("attentionWeights", 1, Double.MAX_VALUE)
                : null,
            layered && fields.has("kvBytesPerToken")
                ? (Double) (fields.number("kvBytesPerToken", 1, Double.MAX_VALUE) / count)
                : null);
    Integer visited =
        experts != null && experts.denseLayers == 0
            ? (Integer) ((experts.active + experts.shared) * experts.width)
            : absent;
    return new ModelShape(
        name,
        fields.texts("aliases"),
        fields.text("title"),
        new Layers(
            count,
            hidden,
            attention,
            new FeedForward(
                fields.count("feedForward", visited), optional("gatedFeedForward", fields)),
            optional("crossAttention", fields),
            experts),
        new Vocabulary(fields.count("vocabulary", null), optional("tiedEmbeddings", fields)),
        fields.number("parameters", 1, Double.MAX_VALUE),
        new Source(fields.text("source"), fields.text("date"), fields.text("confidence")),
        head);
  }

  private static boolean optional(String field, CheckedObject fields) {
    return fields.has(field) && fields.flag(field);
  }

  private static Head readHead(CheckedObject fields, int hidden) {
    String word = fields.word("kind", "eagle", "eagle3", "mtp", "medusa");
    Head.Kind kind = Head.Kind.valueOf(word.toUpperCase(Locale.ROOT));
    return new Head(
        kind,
        kind == Head.Kind.MEDUSA ? fields.count("count", null) : 1,
        fields.count("targetHidden", hidden));
  }

  private static Experts readExperts(CheckedObject fields, CheckedObject model, int layers) {
    Experts experts =
        new Experts(
            fields.count("count", null),
            fields.count("active", null),
            fields.count("shared", 0),
            fields.count("width", null),
            fields.count("denseLayers", 0));
    if (experts.active > experts.count) {
      fields.problem("active", "more than there are experts, " + experts.count);
    }
    if (experts.denseLayers >= layers && model.has("layers")) {
      fields.problem("denseLayers", "not fewer than all " + layers + " layers");
    }
    return experts;
  }
}
