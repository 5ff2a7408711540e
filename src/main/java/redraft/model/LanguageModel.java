package redraft.model;

/** A causal language model with a KV cache. */
public interface LanguageModel extends AutoCloseable {
  String name();

  int vocabularySize();

  /** The most tokens of one text, prompt included. */
  int contextLength();

  /**
   * How many tokens one pass speaks of: 1, the next one, or more of a model with heads. Its head i
   * (from 0) says which token comes i places after the next one, knowing none of those between, so
   * that it drafts them all in one pass.
   */
  default int heads() {
    return 1;
  }

  /**
   * Why this model can draft but not be a target, which scores several tokens in one pass; null if
   * it can.
   */
  default String draftOnly() {
    return null;
  }

  /**
   * Why its logits depend on how rows are grouped into passes; null if nothing is known of that.
   */
  default String dependsOnGrouping() {
    return null;
  }

  /** Whether logits depend on how rows are grouped into passes, tried on some random tokens. */
  default RowGrouping grouping(int tokens) {
    return RowGrouping.of(this, tokens);
  }

  /** Opens an empty text. Sessions of one model are independent; one session is for one thread. */
  ModelSession open();

  @Override
  void close();
}
