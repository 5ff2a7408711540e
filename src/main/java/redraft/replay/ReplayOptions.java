package redraft.replay;

import java.util.List;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.sampling.SamplingParameters;
import redraft.trace.TraceHeader;
import redraft.verify.VerificationRule;

/**
 * What to replay: every combination of the lists.
 *
 * @param drafts names in the trace's header, or {@code prompt-lookup}; empty for all of the header
 * @param policies {@code fixed}, {@code heuristic} or {@code oracle}
 * @param draftLengths of the first step, and of all with the fixed policy; of no use to the oracle
 * @param deployments what to price the passes with
 * @param timelines to sample of each sequence; 0 for exact expectations
 * @param seed of the sampled timelines and of the bootstrap
 * @param histogram whether accepted counts are wanted
 * @param longestNgram that prompt lookup tries first
 * @param shortestNgram that prompt lookup tries last
 * @param temperature to estimate for; null for the recorded one, of which replay is exact
 */
public record ReplayOptions(
    List<String> drafts,
    List<VerificationRule> rules,
    List<String> policies,
    List<Integer> draftLengths,
    List<Deployment> deployments,
    int timelines,
    long seed,
    boolean histogram,
    int longestNgram,
    int shortestNgram,
    Double temperature) {
  /** The oracle's name among policies. */
  public static final String ORACLE = "oracle";

  public ReplayOptions {
    if (timelines < 0) {
      throw new IllegalArgumentException("sampled timelines " + timelines + " must be at least 1");
    }
    if (timelines > 0 && policies.contains(ORACLE)) {
      throw new IllegalArgumentException(
          "the oracle is a bound in expectation; it has no sampled timelines");
    }
    if (temperature != null) {
      SamplingParameters.temperature(temperature); // or refuse it
    }
  }

  /** Exact expectations of one draft under one rule with the fixed policy. */
  public static ReplayOptions fixed(
      String draft, VerificationRule rule, List<Integer> draftLengths, LatencyModel latency) {
    return fixed(List.of(draft), List.of(rule), draftLengths, List.of(new Deployment(latency)), 0);
  }

  /** Exact expectations with the fixed policy and the usual n-grams of prompt lookup. */
  public static ReplayOptions fixed(
      List<String> drafts,
      List<VerificationRule> rules,
      List<Integer> draftLengths,
      List<Deployment> deployments,
      long seed) {
    return new ReplayOptions(
        drafts, rules, List.of("fixed"), draftLengths, deployments, 0, seed, false, 3, 1, null);
  }

  /** Whether replay of this trace is an estimate at another temperature than the recorded one. */
  public boolean estimates(TraceHeader header) {
    return temperature != null && temperature != header.sampling().temperature();
  }
}
