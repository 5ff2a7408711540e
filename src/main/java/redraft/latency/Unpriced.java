package redraft.latency;

/**
 * Nothing says what passes cost: every step counts 1, so that what is gained in steps is the tokens
 * per step, and no speedup.
 */
public record Unpriced() implements LatencyModel {
  @Override
  public String name() {
    return "unpriced";
  }

  @Override
  public boolean priced() {
    return false;
  }

  @Override
  public String onlyBatchOne() {
    return "nothing says what passes cost";
  }

  @Override
  public Unit unit() {
    return Unit.TARGET_PASSES;
  }

  @Override
  public double targetPass(int batch, int rows, int contextTokens) {
    return 1;
  }

  @Override
  public double draftPass(int batch, int rows, int contextTokens) {
    return 0;
  }

  @Override
  public double stepOverhead(int batch) {
    return 0;
  }
}
