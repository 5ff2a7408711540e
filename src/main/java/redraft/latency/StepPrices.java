package redraft.latency;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The prices of steps under one deployment, each computed once: replay asks for the same few
 * thousand again and again, for every sequence and draft length. Safe for use by several threads.
 */
public final class StepPrices {
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(double[].class);
  private static final int CONTEXTS = 4096; // kept, from the shortest on
  private static final int LENGTHS = 64; // of drafts that are kept

  private final LatencyModel latency;
  private final int batch;
  private final int shortest;
  private final double[] baseline = unknown();
  private final double[] catchUp = unknown();
  private final AtomicReferenceArray<double[]> speculative = new AtomicReferenceArray<>(LENGTHS);

  /** Of this deployment, or of another latency model in its place. */
  public StepPrices(LatencyModel latency, Deployment deployment) {
    this.latency = latency;
    batch = deployment.batch();
    shortest = deployment.contextTokens() == null ? 0 : deployment.contextTokens() - 1;
  }

  private static double[] unknown() {
    double[] prices = new double[CONTEXTS];
    Arrays.fill(prices, Double.NaN);
    return prices;
  }

  /** {@link LatencyModel#baselineStep}. */
  public double baselineStep(int contextTokens) {
    int i = contextTokens - shortest;
    double known = get(baseline, i);
    return Double.isNaN(known)
        ? put(baseline, i, latency.baselineStep(batch, contextTokens))
        : known;
  }

  /** {@link LatencyModel#catchUp}. */
  public double catchUp(int contextTokens) {
    int i = contextTokens - shortest;
    double known = get(catchUp, i);
    return Double.isNaN(known) ? put(catchUp, i, latency.catchUp(batch, contextTokens)) : known;
  }

  /** {@link LatencyModel#speculativeStep}. */
  public double speculativeStep(int draftLength, int contextTokens) {
    if (draftLength >= LENGTHS) {
      return latency.speculativeStep(batch, draftLength, contextTokens);
    }
    double[] prices = speculative.get(draftLength);
    if (prices == null) {
      speculative.compareAndSet(draftLength, null, unknown());
      prices = speculative.get(draftLength);
    }
    int i = contextTokens - shortest;
    double known = get(prices, i);
    return Double.isNaN(known)
        ? put(prices, i, latency.speculativeStep(batch, draftLength, contextTokens))
        : known;
  }

  private static double get(double[] prices, int i) {
    return i >= 0 && i < CONTEXTS ? (double) ELEMENT.getOpaque(prices, i) : Double.NaN;
  }

  private static double put(double[] prices, int i, double price) {
    if (i >= 0 && i < CONTEXTS) {
      ELEMENT.setOpaque(prices, i, price);
    }
    return price;
  }
}
