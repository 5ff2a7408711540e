package redraft.traffic;

import java.util.Arrays;

/**
 * The blocks that keys and values are kept in, handed out as vLLM does: freed blocks are used again
 * the longest free first, those of a text from its end; and until then a request that was preempted
 * finds its own again ({@code vllm/v1/core/block_pool.py} of vLLM 0.19, with prefix caching). What
 * other requests have in common is not looked for.
 */
final class KvBlocks {
  private static final int END = 0; // of the ring of freed blocks; blocks count from 1

  private final int blockTokens;
  private final int count;
  private int[] next = {END}; // [known + 1]: ring of freed blocks
  private int[] previous = {END};
  private Request[] owner = {null}; // [known + 1]: whose tokens a freed block still holds
  private int[] place = {0}; // [known + 1]: where in the owner's text
  private int known; // blocks that were ever used; the others come first
  private int free;

  KvBlocks(EngineLimits limits) {
    blockTokens = limits.blockTokens();
    count = (int) Math.min(Integer.MAX_VALUE - 16, limits.kvTokens() / blockTokens);
    free = count;
  }

  /** Part of all blocks that is in use. */
  double used() {
    return 1 - (double) free / count;
  }

  /** Whether a text of so many tokens fits into an empty cache. */
  boolean holds(long tokens) {
    return blocks(tokens) <= count;
  }

  /** Whether a text of so many tokens fits into what is free. */
  boolean fits(long tokens) {
    return blocks(tokens) <= free;
  }

  private long blocks(long tokens) {
    return (tokens + blockTokens - 1) / blockTokens;
  }

  /** Gives a request blocks for so many tokens of its text; false, and none, if there are not. */
  boolean reserve(Request request, long tokens) {
    int wanted = (int) blocks(tokens) - request.blockCount;
    if (wanted > free) {
      return false;
    }
    for (int i = 0; i < wanted; i++) {
      request.addBlock(known < count ? fresh() : oldest());
    }
    return true;
  }

  /** A block that nobody had yet. */
  private int fresh() {
    if (++known == next.length) {
      int longer = 2 * known;
      next = Arrays.copyOf(next, longer);
      previous = Arrays.copyOf(previous, longer);
      owner = Arrays.copyOf(owner, longer);
      place = Arrays.copyOf(place, longer);
    }
    free--;
    return known;
  }

  /** The block that has been free the longest. */
  private int oldest() {
    int block = next[END];
    take(block);
    owner[block] = null;
    return block;
  }

  /** Takes back all blocks of a request that has ended. */
  void release(Request request) {
    release(request, 0);
  }

  /** Takes them back, and remembers whose they were as long as nobody else gets them. */
  void preempt(Request request) {
    release(request, request.computed / blockTokens);
  }

  private void release(Request request, int whole) {
    for (int i = request.blockCount - 1; i >= 0; i--) {
      int block = request.blocks[i];
      owner[block] = i < whole ? request : null;
      place[block] = i;
      int last = previous[END];
      next[last] = block;
      previous[block] = last;
      next[block] = END;
      previous[END] = block;
    }
    free += request.blockCount;
    request.formerBlocks = whole;
    request.blockCount = 0;
  }

  /**
   * Gives a request that was preempted those blocks again that nobody got meanwhile, from the
   * beginning of its text on, but never its last token, which has to be read for the next.
   *
   * @return tokens that they hold
   */
  int takeBack(Request request) {
    int most = Math.min(request.formerBlocks, (request.reached() - 1) / blockTokens);
    int found = 0;
    while (found < most) {
      int block = request.blocks[found];
      if (owner[block] != request || place[block] != found) {
        break;
      }
      take(block);
      owner[block] = null;
      request.blockCount = ++found;
    }
    request.formerBlocks = 0;
    return found * blockTokens;
  }

  private void take(int block) {
    next[previous[block]] = next[block];
    previous[next[block]] = previous[block];
    free--;
  }
}
