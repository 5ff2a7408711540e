package redraft.latency;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import redraft.steps.StepLog;
import redraft.steps.StepShape;

/**
 * How often steps of each shape start at each context, over many texts: what they cost together
 * under any latency model and batch, without the texts.
 */
public final class StepUsage {
  private final Map<StepShape, double[]> weights = new LinkedHashMap<>(); // by context
  private double[] catchUps = new double[0]; // by context
  private int shortest = Integer.MAX_VALUE; // context that the arrays begin with, tokens

  /**
   * Adds the steps of one text.
   *
   * @param firstContextTokens in the cache at position 0
   */
  public void add(StepLog log, int firstContextTokens) {
    beginWith(firstContextTokens);
    log.forEach(
        (shape, position, weight) -> {
          int context = firstContextTokens + position - shortest;
          if (shape == null) {
            catchUps = add(catchUps, context, weight);
          } else {
            weights.compute(
                shape, (key, known) -> add(known == null ? new double[0] : known, context, weight));
          }
        });
  }

  /** Makes room for contexts from this one on. */
  private void beginWith(int context) {
    if (context < shortest) {
      int room = weights.isEmpty() && catchUps.length == 0 ? 0 : shortest - context;
      weights.replaceAll((shape, known) -> moved(known, room));
      catchUps = moved(catchUps, room);
      shortest = context;
    }
  }

  private static double[] moved(double[] known, int room) {
    double[] longer = new double[room + known.length];
    System.arraycopy(known, 0, longer, room, known.length);
    return longer;
  }

  private static double[] add(double[] weights, int context, double weight) {
    double[] longer =
        context < weights.length
            ? weights
            : Arrays.copyOf(weights, Math.max(context + 1, 2 * weights.length));
    longer[context] += weight;
    return longer;
  }

  /** What all of them cost, in the unit of the latency model. */
  public double cost(LatencyModel latency, int batch) {
    double sum = 0;
    for (Map.Entry<StepShape, double[]> entry : weights.entrySet()) {
      double[] each = entry.getValue();
      for (int context = 0; context < each.length; context++) {
        sum +=
            each[context] == 0
                ? 0
                : each[context] * latency.time(batch, entry.getKey(), shortest + context);
      }
    }
    for (int context = 0; context < catchUps.length; context++) {
      sum +=
          catchUps[context] == 0
              ? 0
              : catchUps[context] * latency.catchUp(batch, shortest + context);
    }
    return sum;
  }
}
