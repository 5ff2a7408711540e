package redraft.latency;

import java.util.ArrayList;
import java.util.List;

/**
 * What steps cost under one latency model and batch, as numbers: all that replay with a fixed draft
 * length asks of the model, for a reader that cannot run it.
 *
 * @param baseline a step of plain decoding, by context tokens
 * @param speculative [longest + 1]: a step that drafts K tokens, by context tokens
 * @param catchUp after a block accepted whole, by context tokens
 */
public record PriceKnots(
    PiecewiseLinear baseline, List<PiecewiseLinear> speculative, PiecewiseLinear catchUp) {
  /**
   * @param from least context, tokens
   * @param to [longest + 1]: greatest context at which a step drafts K tokens, none below {@code
   *     from}; a model that was measured has no price beyond its reach
   */
  public static PriceKnots of(LatencyModel latency, int batch, int from, int[] to) {
    List<PiecewiseLinear> speculative = new ArrayList<>();
    for (int draftLength = 0; draftLength < to.length; draftLength++) {
      int drafted = draftLength;
      speculative.add(
          PiecewiseLinear.of(
              context -> latency.speculativeStep(batch, drafted, context), from, to[drafted]));
    }
    return new PriceKnots(
        PiecewiseLinear.of(context -> latency.baselineStep(batch, context), from, to[0]),
        speculative,
        PiecewiseLinear.of(context -> latency.catchUp(batch, context), from, to[0]));
  }
}
