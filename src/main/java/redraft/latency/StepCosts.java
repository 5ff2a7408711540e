package redraft.latency;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import redraft.steps.StepLog;
import redraft.steps.StepShape;

/**
 * The costs of steps under one deployment, each computed once: replay asks for the same few
 * thousand again and again, for every sequence and draft length. For one thread at a time.
 */
public final class StepCosts {
  private final LatencyModel latency;
  private final Deployment deployment;
  private final int shortest; // context that the tables begin with, tokens
  private final Map<StepShape, double[]> tables = new HashMap<>(); // by context; catch-up by null

  /**
   * @param temperature of the text
   */
  public StepCosts(Deployment deployment, double temperature) {
    this.deployment = deployment;
    latency = deployment.latency().atTemperature(temperature);
    shortest = deployment.contextTokens() == null ? 0 : deployment.contextTokens() - 1;
  }

  /**
   * Reading the prompt, before decoding begins; NaN where that is not known.
   *
   * @param promptTokens of the sequence itself
   */
  public double prefill(int promptTokens) {
    return latency.prefill(deployment.batch(), deployment.promptTokens(promptTokens));
  }

  /**
   * The costs of a text.
   *
   * @param promptTokens of the sequence itself
   * @param decodeFrom tokens that the prefill produced
   */
  public StepLog.Costs of(int promptTokens, int decodeFrom) {
    int firstContext = deployment.promptTokens(promptTokens) + decodeFrom - 1;
    return new StepLog.Costs() {
      @Override
      public double[] known(StepShape shape, int positions) {
        return table(shape, firstIndex() + positions);
      }

      @Override
      public int firstIndex() {
        return firstContext - shortest;
      }

      @Override
      public void compute(StepShape shape, int position) {
        int context = firstContext + position;
        tables.get(shape)[context - shortest] =
            shape == null
                ? latency.catchUp(deployment.batch(), context)
                : shape.drafting() == StepShape.Drafting.AGAIN && !deployment.recurrent()
                    ? 0
                    : latency.time(deployment.batch(), shape, context);
      }
    };
  }

  /** Plain decoding of this many tokens: a step for each. */
  public double plain(int promptTokens, int decodeFrom, int tokens) {
    StepLog.Costs costs = of(promptTokens, decodeFrom);
    double[] known = costs.known(StepShape.PLAIN, tokens);
    double sum = 0;
    for (int t = 0; t < tokens; t++) {
      if (Double.isNaN(known[costs.firstIndex() + t])) {
        costs.compute(StepShape.PLAIN, t);
      }
      sum += known[costs.firstIndex() + t];
    }
    return sum;
  }

  private double[] table(StepShape shape, int length) {
    double[] known = tables.get(shape);
    if (known == null || known.length < length) {
      double[] longer = new double[Math.max(length, known == null ? 0 : 2 * known.length)];
      Arrays.fill(longer, Double.NaN);
      if (known != null) {
        System.arraycopy(known, 0, longer, 0, known.length);
      }
      tables.put(shape, longer);
      return longer;
    }
    return known;
  }
}
