package redraft.latency;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import redraft.steps.StepLog;
import redraft.steps.StepShape;

/**
 * The costs of steps under one deployment, each computed once: replay asks for the same few
 * thousand again and again, for every sequence and draft length. Safe for use by several threads.
 */
public final class StepCosts {
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(double[].class);
  private static final int CONTEXTS = 4096; // kept, from the shortest on

  private final LatencyModel latency;
  private final Deployment deployment;
  private final int shortest;
  private final double[] catchUp = unknown();
  private final Map<StepShape, double[]> steps = new ConcurrentHashMap<>();

  /**
   * @param temperature of the text
   */
  public StepCosts(Deployment deployment, double temperature) {
    this.deployment = deployment;
    latency = deployment.latency().atTemperature(temperature);
    shortest = deployment.contextTokens() == null ? 0 : deployment.contextTokens() - 1;
  }

  private static double[] unknown() {
    double[] costs = new double[CONTEXTS];
    Arrays.fill(costs, Double.NaN);
    return costs;
  }

  public Deployment deployment() {
    return deployment;
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
   * The costs of one text.
   *
   * @param promptTokens of the sequence itself
   * @param decodeFrom tokens that the prefill produced
   */
  public StepLog.Costs of(int promptTokens, int decodeFrom) {
    return new Text(deployment.promptTokens(promptTokens) + decodeFrom - 1);
  }

  /** The costs of a text whose first step has this many tokens in the cache. */
  private final class Text implements StepLog.Costs {
    private final int firstContext;
    private StepShape lastShape;
    private double[] lastCosts;

    Text(int firstContext) {
      this.firstContext = firstContext;
    }

    @Override
    public double step(StepShape shape, int position) {
      if (shape != lastShape) {
        lastShape = shape;
        lastCosts = steps.computeIfAbsent(shape, key -> unknown());
      }
      int context = firstContext + position;
      int i = context - shortest;
      double known = get(lastCosts, i);
      return Double.isNaN(known)
          ? put(lastCosts, i, latency.step(deployment.batch(), shape, context))
          : known;
    }

    @Override
    public double catchUp(int position) {
      int context = firstContext + position;
      int i = context - shortest;
      double known = get(catchUp, i);
      return Double.isNaN(known)
          ? put(catchUp, i, latency.catchUp(deployment.batch(), context))
          : known;
    }
  }

  private static double get(double[] costs, int i) {
    return i >= 0 && i < CONTEXTS ? (double) ELEMENT.getOpaque(costs, i) : Double.NaN;
  }

  private static double put(double[] costs, int i, double cost) {
    if (i >= 0 && i < CONTEXTS) {
      ELEMENT.setOpaque(costs, i, cost);
    }
    return cost;
  }
}
