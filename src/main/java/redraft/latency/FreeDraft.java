package redraft.latency;

/**
 * The same target with a draft that costs nothing, as a look-up in the text does beside any model.
 */
public record FreeDraft(LatencyModel target) implements LatencyModel {
  @Override
  public String name() {
    return target.name();
  }

  @Override
  public Unit unit() {
    return target.unit();
  }

  @Override
  public String targetModel() {
    return target.targetModel();
  }

  @Override
  public double usdPerHour() {
    return target.usdPerHour();
  }

  @Override
  public String shortfall(int batch, int contextTokens) {
    return target.shortfall(batch, contextTokens);
  }

  @Override
  public LatencyModel atTemperature(double temperature) {
    return new FreeDraft(target.atTemperature(temperature));
  }

  @Override
  public double targetPass(int batch, int rows, int contextTokens) {
    return target.targetPass(batch, rows, contextTokens);
  }

  @Override
  public double draftPass(int batch, int rows, int contextTokens) {
    return 0;
  }

  @Override
  public double stepOverhead(int batch) {
    return target.stepOverhead(batch);
  }

  @Override
  public double baselineStep(int batch, int contextTokens) {
    return target.baselineStep(batch, contextTokens);
  }

  @Override
  public double prefill(int batch, int promptTokens) {
    return target.prefill(batch, promptTokens);
  }
}
