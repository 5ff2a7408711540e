package redraft.traffic;

import java.util.Arrays;
import redraft.policy.DraftLengthPolicy;

/** A request from when it comes until its last token. */
final class Request {
  final long number;
  final double arrivalMs;
  final int promptTokens;
  final int outputTokens;
  final RecordedText text; // null where nothing is drafted

  int emitted; // output tokens
  int computed; // tokens in the cache
  double firstTokenMs;
  DraftLengthPolicy.Memory memory; // of a policy that goes by the request's own steps
  double[] sureBefore; // of a policy that ranks drafted tokens: those of the step before

  int rows; // in the pass that is being put together
  int drafted; // for the step of that pass
  int admitted; // of these, those that are verified
  boolean wholeBlock; // whether the last block was accepted whole

  int[] blocks = {};
  int blockCount;
  int formerBlocks; // that it had when it was preempted
  int preemptions;

  Request(long number, double arrivalMs, int promptTokens, int outputTokens, RecordedText text) {
    this.number = number;
    this.arrivalMs = arrivalMs;
    this.promptTokens = promptTokens;
    this.outputTokens = outputTokens;
    this.text = text;
  }

  /** Tokens of prompt and output so far. */
  int reached() {
    return promptTokens + emitted;
  }

  boolean finished() {
    return emitted >= outputTokens;
  }

  void addBlock(int block) {
    if (blockCount == blocks.length) {
      blocks = Arrays.copyOf(blocks, Math.max(16, 2 * blockCount));
    }
    blocks[blockCount++] = block;
  }
}
