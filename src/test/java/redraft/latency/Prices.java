package redraft.latency;

/** Prices of steps, for tests of what uses them. */
public final class Prices {
  private Prices() {}

  public static StepPrices of(LatencyModel latency, int batch) {
    return new StepPrices(latency, new Deployment(latency, batch, null, Double.NaN));
  }
}
