package redraft.model;

/** One text being read by a model: the KV cache of its tokens so far. */
public interface ModelSession extends AutoCloseable {
  /** Most rows of one {@link #forward}: bounds the memory that logits take. */
  int MAX_ROWS = 64;

  /** Tokens in the cache. */
  int length();

  /**
   * Appends tokens[from … to − 1] to the cache and returns their logits, one row each, in one pass
   * of the model.
   *
   * @param to at most from + {@link #MAX_ROWS}
   * @return valid until the next call of this session
   * @throws ModelException if the tokens do not fit into the context, or the model fails
   */
  Logits forward(int[] tokens, int from, int to);

  /**
   * Forgets all but the first {@code length} tokens: what a rejection does to both models.
   *
   * @param length from 0 to {@link #length()}
   */
  void rollback(int length);

  /** Appends tokens[from … to − 1], however many, in passes of at most {@link #MAX_ROWS} rows. */
  default void prefill(int[] tokens, int from, int to) {
    for (int start = from; start < to; start += MAX_ROWS) {
      forward(tokens, start, Math.min(to, start + MAX_ROWS));
    }
  }

  @Override
  void close();
}
