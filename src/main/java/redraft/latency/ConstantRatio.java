package redraft.latency;

/**
 * Every target pass costs 1, every draft pass {@code costRatio}, whatever the rows, batch or
 * context: the cost model of <a href="https://arxiv.org/abs/2211.17192">Leviathan et al. 2023</a>,
 * §3.3.
 *
 * @param costRatio c, draft pass / target pass
 */
public record ConstantRatio(double costRatio) implements LatencyModel {
  public ConstantRatio {
    CostNumbers.require("cost ratio " + costRatio, costRatio, CostNumbers.RATIO);
  }

  @Override
  public String name() {
    return "cost-ratio-" + costRatio;
  }

  @Override
  public String onlyBatchOne() {
    return "a cost ratio says nothing of batches";
  }

  @Override
  public Double onlyRatio() {
    return costRatio;
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
    return costRatio;
  }

  @Override
  public double stepOverhead(int batch) {
    return 0;
  }
}
