package redraft.replay;

import redraft.latency.StepPrices;

/**
 * The bound on every choice of draft length while a draft pass costs no more than a target pass:
 * each step drafts exactly the tokens that will be accepted, however many. The expectation is
 * exact, as in {@link ExactReplay}.
 */
public final class OracleReplay implements Replayer {
  private final StepPrices prices;

  public OracleReplay(StepPrices prices) {
    this.prices = prices;
  }

  @Override
  public Expectation replay(ReplaySequence course) {
    AcceptanceLaw law = course.law();
    int tokens = law.length();
    double[] start = new double[tokens];
    double[] survival = new double[tokens + 1];
    double[] acceptedCounts = new double[tokens];
    double steps = 0;
    double drafted = 0;
    double time = 0;
    double baselineTime = 0;
    start[0] = 1;
    for (int t = 0; t < tokens; t++) {
      int context = course.contextTokens(t);
      baselineTime += prices.baselineStep(context);
      double u = start[t];
      if (u == 0) {
        continue;
      }
      steps += u;
      int left = tokens - t - 1; // tokens after the one that a step emits in any case
      int most = Math.min(law.available(t), course.endKnown() ? left : law.known(t));
      survival = survival.length > most ? survival : new double[most + 1];
      law.survival(t, most, survival);
      for (int k = 0; k <= most && survival[k] > 0; k++) {
        double probability = u * (k < most ? survival[k] - survival[k + 1] : survival[k]);
        acceptedCounts[Math.min(k, left)] += probability;
        drafted += probability * k;
        time += probability * prices.speculativeStep(k, context);
        if (k < left) {
          start[t + k + 1] += probability;
          time += k == 0 ? 0 : probability * prices.catchUp(context + k + 1);
        }
      }
    }
    return new Expectation(
        tokens, steps, drafted, ExactReplay.trimmed(acceptedCounts), time, baselineTime, null);
  }
}
