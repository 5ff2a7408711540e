package redraft.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;
import redraft.latency.Deployment;
import redraft.latency.ExpertParallel;
import redraft.latency.LatencyModel;
import redraft.latency.LayerLatency;
import redraft.traffic.EngineLimits;
import redraft.traffic.Server;

/** What the engine admits. */
final class EngineOptions {
  private static final Pattern LINK = Pattern.compile("(\\d+(?:\\.\\d+)?):(\\d+(?:\\.\\d+)?)");

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
      names = "--expert-link",
      paramLabel = "GB/S:US",
      description =
          "The replicas share the experts of their layers and make their passes in step, over links of so many GB/s and microseconds a collective; "
              + "with --latency and a profile of layers.")
  private String expertLink;

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

  /**
   * A machine whose replicas share experts, where that was asked for.
   *
   * @throws IllegalArgumentException if they have none
   */
  Deployment sharing(Deployment on) {
    if (expertLink == null) {
      return on;
    }
    Matcher link = LINK.matcher(expertLink);
    if (!link.matches()) {
      throw new IllegalArgumentException(
          "--expert-link " + expertLink + " is not GB/S:US, such as 50:10");
    }
    if (!(on.latency() instanceof LayerLatency profile)) {
      throw new IllegalArgumentException(
          "--expert-link goes with --latency and a profile of layers with experts; '"
              + on.latency().name()
              + "' is none");
    }
    return new Deployment(
        new ExpertParallel(
            profile,
            replicas,
            Double.parseDouble(link.group(1)),
            Double.parseDouble(link.group(2)),
            maxSequences),
        on.batch(),
        on.contextTokens(),
        on.usdPerHour());
  }

  int replicas() {
    return replicas;
  }

  int maxSequences() {
    return maxSequences;
  }

  /** Refuses what cannot be, before anything is computed. */
  void check() {
    if (!(memoryUtilization > 0 && memoryUtilization <= 1)) {
      throw new IllegalArgumentException(
          "--memory-utilization " + memoryUtilization + " must be above 0 and at most 1");
    }
    WholeNumbers.require("--replicas", replicas, 1, Server.MOST_REPLICAS);
    new EngineLimits(
        maxSequences, maxBatchedTokens, kvTokens == null ? Long.MAX_VALUE : kvTokens, blockTokens);
  }

  /** The limits, and what a reader should know of them. */
  record Limits(EngineLimits limits, List<String> notes) {}

  /**
   * @param draftModel whether any way to serve keeps a draft model in memory
   */
  Limits limits(LatencyModel latency, boolean draftModel) {
    List<String> notes = new ArrayList<>();
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
