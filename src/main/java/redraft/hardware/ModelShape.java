package redraft.hardware;

import redraft.json.CheckedObject;

/**
 * The sizes of a decoder-only transformer, or of a decoder with cross-attention, that its passes
 * cost by.
 *
 * @param layers of the decoder
 * @param hidden width of the residual stream
 * @param heads of attention queries
 * @param kvHeads of keys and values
 * @param headSize width of one head
 * @param feedForward inner width of the feed-forward part
 * @param gatedFeedForward whether it has three matrices rather than two
 * @param crossAttention whether each layer also attends to an encoder's text, whose keys and values
 *     are computed once
 * @param vocabulary rows of the output projection
 * @param parameters all of them, embeddings and any encoder included: what memory must hold
 */
public record ModelShape(
    String name,
    String title,
    int layers,
    int hidden,
    int heads,
    int kvHeads,
    int headSize,
    int feedForward,
    boolean gatedFeedForward,
    boolean crossAttention,
    int vocabulary,
    boolean tiedEmbeddings,
    double parameters,
    String source,
    String date,
    String confidence) {

  /** Weights of the layers that a pass reads and multiplies every row with. */
  public double layerWeights() {
    double queriesAndOutput = 2.0 * hidden * heads * headSize;
    double attention = queriesAndOutput + 2.0 * hidden * kvHeads * headSize;
    double inner = (gatedFeedForward ? 3.0 : 2.0) * hidden * feedForward;
    return attention + (crossAttention ? queriesAndOutput : 0) + inner;
  }

  /** Weights of the vocabulary projection. */
  public double projectionWeights() {
    return (double) hidden * vocabulary;
  }

  /** Weights that a decoding pass reads; single rows of the embedding count for nothing. */
  public double passWeights() {
    return layers * layerWeights() + projectionWeights();
  }

  /** Keys and values of one token, 2 bytes each. */
  public double kvBytesPerToken() {
    return 2.0 * 2 * layers * kvHeads * headSize;
  }

  static ModelShape read(CheckedObject fields) {
    return new ModelShape(
        fields.text("name"),
        fields.text("title"),
        fields.count("layers", null),
        fields.count("hidden", null),
        fields.count("heads", null),
        fields.count("kvHeads", null),
        fields.count("headSize", null),
        fields.count("feedForward", null),
        fields.flag("gatedFeedForward"),
        fields.flag("crossAttention"),
        fields.count("vocabulary", null),
        fields.flag("tiedEmbeddings"),
        fields.number("parameters", 1, Double.MAX_VALUE),
        fields.text("source"),
        fields.text("date"),
        fields.text("confidence"));
  }
}
