package redraft.latency;

/**
 * What one pass of the target takes in under continuous batching: sequences that decode and prompts
 * that are read, together. Sums over all of them, because that is what passes cost by.
 *
 * @param sequences that decode
 * @param rows tokens scored for all of them: 1 each in plain decoding, drafted tokens + 1 in
 *     verification
 * @param cachedTokens in the caches of these sequences before the pass
 * @param prompts of which a part or all is read
 * @param promptRows tokens of prompts that are read
 * @param promptCachedTokens in the caches of these prompts before the pass
 * @param promptPairs for every token of a prompt that is read, the tokens that it attends to,
 *     itself included
 * @param sampledRows rows that the next token is asked of: those of sequences that decode and one
 *     for every prompt that is read to its end
 */
public record Load(
    int sequences,
    int rows,
    long cachedTokens,
    int prompts,
    int promptRows,
    long promptCachedTokens,
    long promptPairs,
    int sampledRows) {
  /** Sequences that decode, alike. */
  public static Load decoding(int sequences, int rows, int contextTokens) {
    return new Load(
        sequences,
        sequences * rows,
        (long) sequences * contextTokens,
        0,
        0,
        0,
        0,
        sequences * rows);
  }

  /** Rows that go through the layers. */
  public int allRows() {
    return rows + promptRows;
  }
}
