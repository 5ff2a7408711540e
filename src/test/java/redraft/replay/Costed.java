package redraft.replay;

import java.util.Arrays;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.latency.StepCosts;
import redraft.policy.DraftLengthPolicy;
import redraft.sampling.RandomStreams;
import redraft.steps.StepLog;

/** A replay of one sequence and what it costs, for tests. */
public record Costed(Expectation expectation, double time, double baselineTime, double[] runTimes) {
  public static Costed exact(
      DraftLengthPolicy policy,
      LatencyModel latency,
      int batch,
      boolean histogram,
      ReplaySequence sequence) {
    return of(new ExactReplay(policy, histogram), latency, batch, false, sequence);
  }

  public static Costed sampled(
      DraftLengthPolicy policy,
      LatencyModel latency,
      int batch,
      int runs,
      RandomStreams streams,
      ReplaySequence sequence) {
    return of(new SampledReplay(policy, runs, streams), latency, batch, true, sequence);
  }

  private static Costed of(
      Replayer replayer, LatencyModel latency, int batch, boolean runs, ReplaySequence sequence) {
    StepLog log = new StepLog(sequence.tokens());
    replayer.replay(sequence, log);
    StepCosts stepCosts = new StepCosts(new Deployment(latency, batch, null, Double.NaN), 1);
    StepLog.Costs costs = stepCosts.of(sequence.promptTokens(), sequence.decodeFrom());
    double[] times = log.costs(costs);
    Expectation expectation =
        runs ? Expectation.ofRuns(sequence.tokens(), log) : Expectation.of(sequence.tokens(), log);
    return new Costed(
        expectation,
        Arrays.stream(times).sum() / times.length,
        stepCosts.plain(sequence.promptTokens(), sequence.decodeFrom(), sequence.tokens()),
        runs ? times : null);
  }

  public int tokens() {
    return expectation.tokens();
  }

  public double steps() {
    return expectation.steps();
  }

  public double drafted() {
    return expectation.drafted();
  }

  public double accepted() {
    return expectation.accepted();
  }

  public double[] acceptedCounts() {
    return expectation.acceptedCounts();
  }
}
