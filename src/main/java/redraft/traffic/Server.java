package redraft.traffic;

import java.io.IOException;
import redraft.latency.LatencyModel;

/**
 * A machine with an engine on it, that serves requests in one way or another.
 *
 * @param latency of the passes of a replica, in milliseconds
 * @param limits of a replica
 * @param replicas engines that share the requests, each on hardware of its own
 */
public record Server(LatencyModel latency, EngineLimits limits, int replicas, Slo slo) {
  /** Most replicas that are simulated. */
  public static final int MOST_REPLICAS = 10_000;

  public Server {
    if (replicas < 1 || replicas > MOST_REPLICAS) {
      throw new IllegalArgumentException(
          "replicas " + replicas + " must be from 1 to " + MOST_REPLICAS);
    }
    if (latency.unit() != LatencyModel.Unit.MILLISECONDS) {
      throw new IllegalArgumentException(
          "'"
              + latency.name()
              + "' knows ratios and no times, and requests wait in time; name --latency with times, --target-speed or --hardware");
    }
    if (!latency.knowsMixedPasses() && limits.maxSequences() > 1) {
      throw new IllegalArgumentException(
          "'"
              + latency.name()
              + "' knows the passes of one sequence at a time, and "
              + limits.maxSequences()
              + " may run at once; serve one after the other (--max-num-seqs 1), or name --hardware or a profile of layers");
    }
  }

  /**
   * Serves all requests of a workload.
   *
   * @param ownLengths whether requests have the lengths of the texts that they follow
   * @param series filled with what the engine held over time; null where nobody asks
   */
  public TrafficResult serve(
      ServingSetting setting, Workload workload, boolean ownLengths, long seed, TimeSeries series)
      throws IOException {
    return run(setting, workload, ownLengths, seed, series).result();
  }

  Outcomes run(
      ServingSetting setting, Workload workload, boolean ownLengths, long seed, TimeSeries series)
      throws IOException {
    TextPool texts =
        setting.texts().isEmpty() ? null : new TextPool(setting.texts(), seed, ownLengths);
    IterationPrices prices =
        new IterationPrices(latency, setting.plain() ? null : setting.draft()::step);
    Outcomes outcomes = new Outcomes(workload.from(), workload.to(), slo, series, replicas);
    Draws draws = new Draws(seed);
    ServingSimulation.Maker maker =
        () ->
            new Replica(
                limits,
                prices,
                setting.plain()
                    ? null
                    : LoadPolicies.of(setting.policy(), setting.draftLength(), prices),
                draws,
                outcomes);
    try (RequestFeed feed = workload.feed(texts, seed)) {
      new ServingSimulation(maker, replicas, latency.inStep(), prices, outcomes).run(feed);
    }
    return outcomes;
  }
}
