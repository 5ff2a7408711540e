package redraft.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import redraft.latency.LatencyModel;
import redraft.traffic.EngineLimits;

/** What the engine admits. */
final class EngineOptions {
  @Option(
      names = "--max-num-seqs",
      paramLabel = "N",
      defaultValue = "256",
      description = "Requests that run at once (default: ${DEFAULT-VALUE}).")
  private int maxSequences;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Engines that share the requests, each on hardware of its own and with these limits (default: ${DEFAULT-VALUE}).")
  private int replicas;

  @Option(
      names = "--max-batched-tokens",
      paramLabel = "N",
      defaultValue = "2048",
      description =
          "Rows of one pass, drafted ones included; longer prompts are read in chunks (default: ${DEFAULT-VALUE}).")
  private int maxBatchedTokens;

  @Option(
      names = "--kv-tokens",
      paramLabel = "N",
      description =
          "Tokens whose keys and values the memory holds, as the engine says when it starts (default: what weights leave of "
              + "--memory-utilization of the memory, where the costs know it; else no bound).")
  private Long kvTokens;

  @Option(
      names = "--memory-utilization",
      paramLabel = "PART",
      defaultValue = "0.9",
      description = "Part of the memory that the engine uses (default: ${DEFAULT-VALUE}).")
  private double memoryUtilization;

  @Option(
      names = "--block-size",
      paramLabel = "N",
      defaultValue = "16",
      description = "Tokens of a block of the KV cache (default: ${DEFAULT-VALUE}).")
  private int blockTokens;

  int replicas() {
    return replicas;
  }

  int maxSequences() {
    return maxSequences;
  }

  /** The limits, and what a reader should know of them. */
  record Limits(EngineLimits limits, List<String> notes) {}

  /**
   * @param draftModel whether any way to serve keeps a draft model in memory
   */
  Limits limits(LatencyModel latency, boolean draftModel) {
    List<String> notes = new ArrayList<>();
    if (!(memoryUtilization > 0 && memoryUtilization <= 1)) {
      throw new IllegalArgumentException(
          "--memory-utilization " + memoryUtilization + " must be above 0 and at most 1");
    }
    long tokens = kvTokens == null ? latency.kvTokens(memoryUtilization, draftModel) : kvTokens;
    if (kvTokens == null && tokens == Long.MAX_VALUE) {
      notes.add(
          "nothing says how much memory there is, so no request waits for any; --kv-tokens states it");
    } else if (kvTokens == null && tokens < blockTokens) {
      String shortfall = latency.shortfall(1, blockTokens, draftModel);
      throw new IllegalArgumentException(
          (shortfall == null ? "no KV cache fits beside the weights" : shortfall)
              + "; name more hardware, or state --kv-tokens");
    }
    return new Limits(new EngineLimits(maxSequences, maxBatchedTokens, tokens, blockTokens), notes);
  }
}
