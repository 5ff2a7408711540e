package redraft.replay;

import java.util.List;
import redraft.latency.Deployment;
import redraft.policy.DraftLengthPolicy;
import redraft.sampling.SamplingParameters;
import redraft.trace.TraceHeader;
import redraft.verify.VerificationRule;

/**
 * What to replay of every draft: every combination of the lists.
 *
 * @param policies with their draft lengths
 * @param deployments what it is to cost under
 * @param timelines to sample of each sequence; 0 for exact expectations
 * @param seed of the sampled timelines
 * @param histogram whether accepted counts are wanted
 * @param temperature to estimate for; null for the recorded one, of which replay is exact
 */
public record ReplayOptions(
    List<VerificationRule> rules,
    List<DraftLengthPolicy> policies,
    List<Deployment> deployments,
    int timelines,
    long seed,
    boolean histogram,
    Double temperature) {
  public ReplayOptions {
    if (timelines < 0) {
      throw new IllegalArgumentException("sampled timelines " + timelines + " must be at least 1");
    }
    if (temperature != null) {
      SamplingParameters.temperature(temperature); // or refuse it
    }
    rules = List.copyOf(rules);
    policies = List.copyOf(policies);
    deployments = List.copyOf(deployments);
  }

  /** Exact expectations at the recorded temperature. */
  public ReplayOptions(
      List<VerificationRule> rules,
      List<DraftLengthPolicy> policies,
      List<Deployment> deployments) {
    this(rules, policies, deployments, 0, 0, false, null);
  }

  /** Whether replay of this trace is an estimate at another temperature than the recorded one. */
  public boolean estimates(TraceHeader header) {
    return temperature != null && temperature != header.sampling().temperature();
  }

  /** The temperature of the text that is replayed. */
  double temperatureOf(TraceHeader header) {
    return temperature == null ? header.sampling().temperature() : temperature;
  }
}
