package redraft.validation;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hipparchus.analysis.MultivariateFunction;
import org.hipparchus.optim.InitialGuess;
import org.hipparchus.optim.MaxEval;
import org.hipparchus.optim.PointValuePair;
import org.hipparchus.optim.nonlinear.scalar.GoalType;
import org.hipparchus.optim.nonlinear.scalar.ObjectiveFunction;
import org.hipparchus.optim.nonlinear.scalar.noderiv.NelderMeadSimplex;
import org.hipparchus.optim.nonlinear.scalar.noderiv.SimplexOptimizer;
import redraft.latency.Engine;
import redraft.latency.EngineCost;

/**
 * Fits the costs of an engine to measured runs: the costs that are most likely, given the runs and
 * what was expected before them. It minimises
 *
 * <pre>
 * Σ runs of w · (√(1 + (e/σ)²) − 1)  +  Σ costs of ½ (ln(cost / expected) / spread)²
 * </pre>
 *
 * with e = ln(predicted / measured) of a run. The first sum grows like a square for small errors
 * and in proportion for large ones (pseudo-Huber), so that one odd run does not decide. The runs of
 * one source resemble each other: n of them weigh as much as √n.
 */
final class EngineFit {
  /** σ of published runs: errors above this count as large. */
  static final double PUBLISHED = 0.2;

  private static final double FIRST_STEP = 0.5; // of ln(cost)
  private static final double PRECISION = 1e-10;
  private static final int MOST_EVALUATIONS = 20_000;

  private EngineFit() {}

  /**
   * The engine with the most likely costs; with what was expected of them where no run is.
   *
   * @param scale σ
   */
  static Engine fit(Engine engine, List<MeasuredRun.Costs> runs, double scale) {
    List<EngineCost> costs = engine.costs().keySet().stream().sorted().toList();
    if (costs.isEmpty()) {
      return engine;
    }
    Map<String, Long> sizes =
        runs.stream()
            .collect(Collectors.groupingBy(each -> each.run().source(), Collectors.counting()));
    Function<double[], Engine> at =
        logs -> {
          Map<EngineCost, Double> values = new EnumMap<>(EngineCost.class);
          for (int i = 0; i < logs.length; i++) {
            values.put(costs.get(i), expected(engine, costs.get(i)) * Math.exp(logs[i]));
          }
          return engine.with(values);
        };
    MultivariateFunction loss =
        logs -> {
          Engine candidate = at.apply(logs);
          double sum = 0;
          for (MeasuredRun.Costs run : runs) {
            double error = run.error(candidate) / scale;
            sum += (Math.sqrt(1 + error * error) - 1) / Math.sqrt(sizes.get(run.run().source()));
          }
          for (int i = 0; i < logs.length; i++) {
            double away = logs[i] / engine.costs().get(costs.get(i)).spread();
            sum += away * away / 2;
          }
          return sum;
        };
    double[] start = new double[costs.size()];
    PointValuePair best = null;
    // Started again from where it ended, a simplex that has collapsed too early goes on.
    for (double before = Double.POSITIVE_INFINITY;
        best == null || before - best.getValue() > PRECISION; ) {
      before = best == null ? Double.POSITIVE_INFINITY : best.getValue();
      best =
          new SimplexOptimizer(PRECISION, PRECISION)
              .optimize(
                  new MaxEval(MOST_EVALUATIONS),
                  new ObjectiveFunction(loss),
                  GoalType.MINIMIZE,
                  new InitialGuess(best == null ? start : best.getPoint()),
                  new NelderMeadSimplex(start.length, FIRST_STEP));
    }
    return at.apply(best.getPoint());
  }

  private static double expected(Engine engine, EngineCost cost) {
    return engine.costs().get(cost).expected().value();
  }
}
