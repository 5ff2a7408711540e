package redraft.validation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.LUDecomposition;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import redraft.hardware.SourcedNumber;
import redraft.latency.CostError;
import redraft.latency.Engine;
import redraft.latency.EngineCost;
import redraft.latency.EngineLatency;
import redraft.latency.Engines;

/**
 * The costs of an engine on one machine, from a few runs measured there: those that are most likely
 * given the runs and what published runs say of the engine ({@link EngineFit}), and how sure that
 * is. Near the best fit errors are taken as linear in ln(cost), so that the covariance of the costs
 * is (JᵀJ/σ² + diag(1/spread²))⁻¹, J being the derivatives of the runs' errors (Laplace's
 * approximation).
 *
 * @param latency with the fitted costs
 * @param costs what each was and is
 * @param before mean |error| of the runs with the engine as it is shipped
 * @param after the same with the fitted costs
 * @param next the run that would tell most, among usual ones
 */
public record Calibration(
    EngineLatency latency,
    Map<EngineCost, Estimate> costs,
    double before,
    double after,
    Next next) {
  /** Errors of a careful measurement of one's own. */
  public static final double OWN = 0.05;

  private static final List<Integer> DRAFT_LENGTHS = List.of(1, 2, 3, 5, 8);
  private static final List<Integer> BATCHES = List.of(1, 4, 16, 64);
  private static final double SMALL = 1e-4; // of ln(cost), for derivatives

  /**
   * @param expected value before
   * @param fitted value after
   * @param spread standard deviation of ln(value) after
   */
  public record Estimate(double expected, double fitted, double spread) {}

  /**
   * @param spreadNow of ln(speedup), over usual draft lengths and batches, root mean square
   * @param spreadThen the same once this run were measured
   */
  public record Next(int batch, int draftLength, double spreadNow, double spreadThen) {}

  /**
   * @param runs of one pair on one machine and engine
   * @throws IllegalArgumentException if they are of several, or if their names are not known
   */
  public static Calibration of(List<MeasuredRun> runs) throws IOException {
    MeasuredRun.Setup setup = runs.get(0).setup();
    for (MeasuredRun run : runs) {
      if (!run.setup().equals(setup)) {
        throw new IllegalArgumentException(
            "run '"
                + run.id()
                + "' is of another pair, engine, hardware or precision than '"
                + runs.get(0).id()
                + "'; calibrate each in a file of its own");
      }
    }
    Engine shipped = own(Engines.REGISTRY.named(setup.engine()));
    if (shipped.ideal()) {
      throw new IllegalArgumentException(
          "engine '" + shipped.name() + "' has no costs to calibrate; name the engine that ran");
    }
    List<MeasuredRun.Costs> costs = new ArrayList<>();
    for (MeasuredRun run : runs) {
      costs.add(run.costs());
    }
    Engine fitted = EngineFit.fit(shipped, costs, OWN);
    List<EngineCost> names = fitted.costs().keySet().stream().sorted().toList();
    RealMatrix information = new Array2DRowRealMatrix(names.size(), names.size());
    for (int i = 0; i < names.size(); i++) {
      double spread = shipped.costs().get(names.get(i)).spread();
      information.addToEntry(i, i, 1 / (spread * spread));
    }
    for (MeasuredRun.Costs run : costs) {
      RealVector slope = slope(run, fitted, names);
      information = information.add(slope.outerProduct(slope).scalarMultiply(1 / (OWN * OWN)));
    }
    RealMatrix covariance = new LUDecomposition(information).getSolver().getInverse();
    Map<EngineCost, Estimate> estimates = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      estimates.put(
          names.get(i),
          new Estimate(
              shipped.cost(names.get(i)),
              fitted.cost(names.get(i)),
              Math.sqrt(covariance.getEntry(i, i))));
    }
    Next next = next(costs.get(0), fitted, names, covariance);
    double after = mean(costs, fitted);
    CostError error =
        new CostError(0, Math.hypot(next.spreadNow, Math.max(after, OWN)), runs.size(), 1);
    return new Calibration(
        new EngineLatency(costs.get(0).roofline(), fitted.with(error)),
        estimates,
        mean(costs, shipped),
        after,
        next);
  }

  /** What was fitted to published runs becomes what is expected of this machine. */
  private static Engine own(Engine engine) {
    Map<EngineCost, Engine.Cost> costs = new EnumMap<>(EngineCost.class);
    engine
        .costs()
        .forEach(
            (which, cost) -> {
              SourcedNumber expected = cost.expected();
              costs.put(
                  which,
                  new Engine.Cost(
                      cost.fitted(),
                      new SourcedNumber(
                          cost.fitted(),
                          "fitted to published runs",
                          expected.date(),
                          expected.confidence()),
                      cost.spread()));
            });
    return engine.withCosts(costs);
  }

  private static double mean(List<MeasuredRun.Costs> runs, Engine engine) {
    return runs.stream()
        .collect(Collectors.averagingDouble(run -> Math.abs(Math.expm1(run.error(engine)))));
  }

  /** Derivatives of ln(predicted) with respect to ln(cost). */
  private static RealVector slope(MeasuredRun.Costs run, Engine engine, List<EngineCost> names) {
    RealVector slope = new ArrayRealVector(names.size());
    for (int i = 0; i < names.size(); i++) {
      EngineCost name = names.get(i);
      double up = run.error(engine.with(Map.of(name, engine.cost(name) * Math.exp(SMALL))));
      double down = run.error(engine.with(Map.of(name, engine.cost(name) * Math.exp(-SMALL))));
      slope.setEntry(i, (up - down) / (2 * SMALL));
    }
    return slope;
  }

  /** Of all usual runs, the one after which the others are known best. */
  private static Next next(
      MeasuredRun.Costs like, Engine engine, List<EngineCost> names, RealMatrix covariance) {
    List<MeasuredRun.Costs> usual = new ArrayList<>();
    for (int batch : BATCHES) {
      for (int draftLength : DRAFT_LENGTHS) {
        usual.add(like.at(batch, draftLength));
      }
    }
    List<RealVector> slopes = usual.stream().map(run -> slope(run, engine, names)).toList();
    double now = spread(slopes, covariance);
    Next best = null;
    for (int i = 0; i < usual.size(); i++) {
      RealVector along = covariance.operate(slopes.get(i));
      double variance = OWN * OWN + slopes.get(i).dotProduct(along);
      double then =
          spread(
              slopes, covariance.subtract(along.outerProduct(along).scalarMultiply(1 / variance)));
      if (best == null || then < best.spreadThen) {
        MeasuredRun.Load load = usual.get(i).run().load();
        best = new Next(load.batch(), load.draftLength(), now, then);
      }
    }
    return best;
  }

  private static double spread(List<RealVector> slopes, RealMatrix covariance) {
    return Math.sqrt(
        slopes.stream()
            .mapToDouble(slope -> slope.dotProduct(covariance.operate(slope)))
            .average()
            .orElseThrow());
  }
}
