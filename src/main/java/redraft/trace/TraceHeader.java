package redraft.trace;

import java.util.List;

/**
 * The first line of a trace: which models under which sampling settings made it.
 *
 * @param drafts in the order in which every sequence lists its drafts
 * @param logits how many logits each position carries
 */
public record TraceHeader(
    TokenizerInfo tokenizer,
    ModelInfo target,
    List<ModelInfo> drafts,
    Sampling sampling,
    LogitDetail logits) {
  /** The value of the "format" field. */
  public static final String FORMAT = "redraft-trace";

  /** The only version so far. */
  public static final int VERSION = 1;

  /**
   * @param sha256 of the tokenizer file, lower-case hex
   */
  public record TokenizerInfo(String sha256, int vocabularySize) {}

  /**
   * @param sha256 of the model file, lower-case hex
   * @param parameters number of trained parameters
   */
  public record ModelInfo(String name, String sha256, long parameters) {}

  /**
   * The transforms under which both models' probabilities were taken; topK 0 and topP 1 mean all
   * tokens.
   */
  public record Sampling(double temperature, int topK, double topP, long seed) {}

  /** The index of the named draft in every sequence. */
  public int draftIndex(String name) {
    for (int i = 0; i < drafts.size(); i++) {
      if (drafts.get(i).name().equals(name)) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "the trace has no draft '"
            + name
            + "'; it has "
            + String.join(", ", drafts.stream().map(ModelInfo::name).toList()));
  }
}
