package redraft.hardware;

import redraft.json.CheckedObject;

/**
 * The sizes of a decoder-only transformer, or of a decoder with cross-attention, that its passes
 * cost by.
 *
 * @param parameters all of them, embeddings and any encoder included: what memory must hold
 */
public record ModelShape(
    String name,
    String title,
    Layers layers,
    Vocabulary vocabulary,
    double parameters,
    Source source) {

  /**
   * The layers of the decoder, all alike.
   *
   * @param hidden width of the residual stream
   * @param crossAttention whether each also attends to an encoder's text, whose keys and values are
   *     computed once
   */
  public record Layers(
      int count,
      int hidden,
      Attention attention,
      FeedForward feedForward,
      boolean crossAttention) {}

  /**
   * The attention of a layer to the text before.
   *
   * @param heads of queries
   * @param kvHeads of keys and values
   * @param headSize width of one head
   */
  public record Attention(int heads, int kvHeads, int headSize) {}

  /**
   * The feed-forward part of a layer.
   *
   * @param width inner one
   * @param gated whether it has three matrices rather than two
   */
  public record FeedForward(int width, boolean gated) {}

  /**
   * The vocabulary projection.
   *
   * @param size its rows
   * @param tiedEmbeddings whether the embeddings are the same weights
   */
  public record Vocabulary(int size, boolean tiedEmbeddings) {}

  /**
   * Where the sizes are from.
   *
   * @param date of the source, or when they were written down
   * @param confidence how they were obtained: read, read-secondary, recalled, derived or measured
   */
  public record Source(String text, String date, String confidence) {}

  /** Weights of one layer that a pass reads and multiplies every row with. */
  public double layerWeights() {
    int hidden = layers.hidden;
    Attention heads = layers.attention;
    double queriesAndOutput = 2.0 * hidden * heads.heads * heads.headSize;
    double attention = queriesAndOutput + 2.0 * hidden * heads.kvHeads * heads.headSize;
    double inner = (layers.feedForward.gated ? 3.0 : 2.0) * hidden * layers.feedForward.width;
    return attention + (layers.crossAttention ? queriesAndOutput : 0) + inner;
  }

  /** Weights of the vocabulary projection. */
  public double projectionWeights() {
    return (double) layers.hidden * vocabulary.size;
  }

  /** Weights that a decoding pass reads; single rows of the embedding count for nothing. */
  public double passWeights() {
    return layers.count * layerWeights() + projectionWeights();
  }

  /** Keys and values of one token, 2 bytes each. */
  public double kvBytesPerToken() {
    return 2.0 * 2 * layers.count * layers.attention.kvHeads * layers.attention.headSize;
  }

  static ModelShape read(CheckedObject fields) {
    return new ModelShape(
        fields.text("name"),
        fields.text("title"),
        new Layers(
            fields.count("layers", null),
            fields.count("hidden", null),
            new Attention(
                fields.count("heads", null),
                fields.count("kvHeads", null),
                fields.count("headSize", null)),
            new FeedForward(fields.count("feedForward", null), fields.flag("gatedFeedForward")),
            fields.flag("crossAttention")),
        new Vocabulary(fields.count("vocabulary", null), fields.flag("tiedEmbeddings")),
        fields.number("parameters", 1, Double.MAX_VALUE),
        new Source(fields.text("source"), fields.text("date"), fields.text("confidence")));
  }
}
