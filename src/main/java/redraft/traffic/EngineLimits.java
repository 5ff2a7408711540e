package redraft.traffic;

import redraft.latency.Deployment;

/**
 * What an engine admits.
 *
 * @param maxSequences that run at once, vLLM's {@code max_num_seqs}
 * @param maxBatchedTokens rows of one pass, vLLM's {@code max_num_batched_tokens}; longer prompts
 *     are read in chunks
 * @param kvTokens whose keys and values the memory holds; {@link Long#MAX_VALUE} for no bound
 * @param blockTokens that memory is handed out by
 */
public record EngineLimits(int maxSequences, int maxBatchedTokens, long kvTokens, int blockTokens) {
  /** vLLM's. */
  public static final int BLOCK = 16;

  public EngineLimits {
    require("maximum sequences", maxSequences, 1, Deployment.LARGEST_BATCH);
    require("maximum batched tokens", maxBatchedTokens, 1, Deployment.LONGEST_CONTEXT);
    require("KV block tokens", blockTokens, 1, Deployment.LONGEST_CONTEXT);
    if (kvTokens < blockTokens) {
      throw new IllegalArgumentException(
          "a KV cache of "
              + kvTokens
              + " tokens holds no block of "
              + blockTokens
              + "; state more tokens (--kv-tokens), or smaller blocks (--block-size)");
    }
  }

  private static void require(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + " " + value + " must be from " + least + " to " + most);
    }
  }

  /** Whether the memory bounds anything. */
  boolean bounded() {
    return kvTokens != Long.MAX_VALUE;
  }
}
