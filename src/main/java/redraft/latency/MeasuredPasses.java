package redraft.latency;

/**
 * Pass times measured on one machine, by rows, for batch 1 and one length of context.
 *
 * @param targetMillis [maxRows]: entry i is a target pass over i + 1 rows, its probabilities
 *     included
 * @param draftMillis [2]: a draft pass over 1 and over 2 rows, with its probabilities and the draw
 *     of a token
 * @param overheadMillis of a step: verification and rollback
 */
public record MeasuredPasses(
    String name, double[] targetMillis, double[] draftMillis, double overheadMillis)
    implements LatencyModel {
  @Override
  public Unit unit() {
    return Unit.MILLISECONDS;
  }

  @Override
  public double targetPass(int batch, int rows, int contextTokens) {
    return entry("target", targetMillis, batch, rows);
  }

  @Override
  public double draftPass(int batch, int rows, int contextTokens) {
    return entry("draft", draftMillis, batch, rows);
  }

  private double entry(String model, double[] millis, int batch, int rows) {
    if (batch != 1 || rows < 1 || rows > millis.length) {
      throw new IllegalArgumentException(
          "profile '"
              + name
              + "' was measured for batch 1 and 1 to "
              + millis.length
              + " "
              + model
              + " rows, not batch "
              + batch
              + " and "
              + rows
              + " rows");
    }
    return millis[rows - 1];
  }

  @Override
  public double stepOverhead(int batch) {
    return overheadMillis;
  }
}
