package redraft.replay;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import redraft.latency.StepPrices;
import redraft.policy.DraftLengthPolicy;
import redraft.sampling.RandomStreams;

/**
 * Draws whole runs of speculative decoding on a recorded path: the same law as {@link ExactReplay},
 * shown as spread. The random numbers depend on the seed and the sequence only, so that settings
 * are compared on the same numbers.
 */
public final class SampledReplay implements Replayer {
  private final DraftLengthPolicy policy;
  private final StepPrices prices;
  private final int runs;
  private final RandomStreams streams;

  /**
   * @param runs timelines to draw of each sequence, at least 1
   */
  public SampledReplay(
      DraftLengthPolicy policy, StepPrices prices, int runs, RandomStreams streams) {
    if (runs < 1) {
      throw new IllegalArgumentException("sampled timelines " + runs + " must be at least 1");
    }
    this.policy = policy;
    this.prices = prices;
    this.runs = runs;
    this.streams = streams;
  }

  @Override
  public Expectation replay(ReplaySequence course) {
    AcceptanceLaw law = course.law();
    int tokens = law.length();
    RandomGenerator random = streams.stream("replay/" + course.name());
    double[] survival = new double[tokens + 1];
    double[] acceptedCounts = new double[tokens];
    double[] steps = new double[runs];
    double[] times = new double[runs];
    double drafted = 0;
    for (int run = 0; run < runs; run++) {
      int length = policy.initialLength();
      for (int t = 0; t < tokens; ) {
        int context = course.contextTokens(t);
        int count = course.drafted(t, length);
        int left = tokens - t - 1;
        int most = Math.min(count, left);
        law.survival(t, most, survival);
        double u = random.nextDouble();
        int accepted = 0;
        while (accepted < most && u < survival[accepted + 1]) {
          accepted++;
        }
        steps[run]++;
        drafted += count;
        acceptedCounts[accepted]++;
        times[run] += prices.speculativeStep(count, context);
        if (accepted == count && count > 0 && accepted < left) {
          times[run] += prices.catchUp(context + count + 1);
        }
        length = policy.nextLength(length, count, accepted);
        t += accepted + 1;
      }
    }
    double baselineTime = 0;
    for (int t = 0; t < tokens; t++) {
      baselineTime += prices.baselineStep(course.contextTokens(t));
    }
    for (int j = 0; j < tokens; j++) {
      acceptedCounts[j] /= runs;
    }
    return new Expectation(
        tokens,
        mean(steps),
        drafted / runs,
        ExactReplay.trimmed(acceptedCounts),
        mean(times),
        baselineTime,
        new Timelines(steps, times));
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).sum() / values.length;
  }
}
