package redraft.latency;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import redraft.steps.StepShape;

/**
 * What steps cost under one latency model and batch, as numbers: all that replay with a fixed draft
 * length asks of the model, for a reader that cannot run it.
 *
 * @param baseline a step of plain decoding, by context tokens
 * @param speculative [longest + 1]: a step that drafts K tokens, by context tokens
 * @param catchUp after a block accepted whole, by context tokens
 */
public record StepCurves(
    PiecewiseLinear baseline, List<PiecewiseLinear> speculative, PiecewiseLinear catchUp) {
  /**
   * @param shapes of a step by drafted tokens
   * @param from least context, tokens
   * @param to [longest + 1]: greatest context at which a step drafts K tokens, none below {@code
   *     from}; a model that was measured has no cost beyond its reach
   */
  public static StepCurves of(
      LatencyModel latency, int batch, IntFunction<StepShape> shapes, int from, int[] to) {
    List<PiecewiseLinear> speculative = new ArrayList<>();
    for (int draftLength = 0; draftLength < to.length; draftLength++) {
      StepShape shape = shapes.apply(draftLength);
      speculative.add(
          PiecewiseLinear.of(
              context -> latency.step(batch, shape, context), from, to[draftLength]));
    }
    boolean catchesUp = shapes.apply(1).drafting() == StepShape.Drafting.MODEL;
    return new StepCurves(
        PiecewiseLinear.of(context -> latency.baselineStep(batch, context), from, to[0]),
        speculative,
        PiecewiseLinear.of(
            context -> catchesUp ? latency.catchUp(batch, context) : 0, from, to[0]));
  }
}
