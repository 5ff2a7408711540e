package redraft.traffic;

import java.util.List;
import java.util.function.IntFunction;
import redraft.latency.LatencyModel;
import redraft.latency.Load;
import redraft.steps.StepShape;
import redraft.traffic.Replica.Iteration;

/**
 * What an iteration of an engine takes: the draft's passes over all sequences that draft, the
 * target's pass over these and over prompts, and what surrounds them. Where all sequences stand
 * alike it is what a step of replay costs.
 *
 * <p>A pass of the draft is shared by the sequences that draft that many tokens or more. Caches
 * count by their sum, so for each kind of pass all sequences are taken at their mean context.
 */
final class IterationPrices {
  private final LatencyModel latency;
  private final IntFunction<StepShape> shapes; // by drafted tokens; null where nothing is drafted
  private final boolean model; // whether the draft runs one
  private final boolean mixed;

  /**
   * @param latency in milliseconds
   * @param shapes of steps by the tokens that they draft; null where nothing is drafted
   */
  IterationPrices(LatencyModel latency, IntFunction<StepShape> shapes) {
    this.latency = latency;
    this.shapes = shapes;
    model = shapes != null && shapes.apply(1).drafting().runsModel();
    mixed = latency.knowsMixedPasses();
  }

  /** Whether the draft's keys and values take memory. */
  boolean runsModel() {
    return model;
  }

  /** Whether a draft has to take in the last token of a block that was accepted whole. */
  boolean catchesUp() {
    return model && shapes.apply(1).drafting() == StepShape.Drafting.MODEL;
  }

  /** Rows of the target's pass for so many drafted tokens. */
  int targetRows(int drafted) {
    return shapes == null ? 1 : shapes.apply(drafted).targetRows();
  }

  /** Milliseconds of an iteration of replicas that make it in step. */
  double ms(List<Iteration> iterations) {
    boolean speculates = false;
    double draft = 0;
    for (Iteration each : iterations) {
      speculates |= each.speculates();
      draft = model ? Math.max(draft, draftMs(each)) : 0;
    }
    Load first = iterations.get(0).load();
    return draft
        + (!mixed
            ? alone(first, speculates)
            : iterations.size() == 1
                ? latency.mixedStep(first, speculates)
                : latency.mixedSteps(
                    iterations.stream().map(Iteration::load).toList(), speculates));
  }

  /** All passes of the draft. */
  private double draftMs(Iteration iteration) {
    double ms = 0;
    Load load = iteration.load();
    int[] drafting = iteration.drafting();
    int sequences = load.sequences();
    int context = sequences == 0 ? 0 : (int) (load.cachedTokens() / sequences);
    int drafts = 0; // sequences that draft
    for (int k = drafting.length - 1; k > 0; k--) {
      drafts += drafting[k];
    }
    int shorter = 0;
    for (int k = 1, left = drafts; k < drafting.length && left > 0; k++) {
      if (drafting[k] > 0) {
        ms += draftMs(left, k, context) - (shorter == 0 ? 0 : draftMs(left, shorter, context));
        left -= drafting[k];
        shorter = k;
      }
    }
    if (iteration.behind() > 0 && catchesUp()) {
      ms += (double) iteration.behind() / sequences * latency.catchUp(sequences, context);
    }
    if (load.prompts() > 0 && mixed) {
      Load first =
          new Load(
              sequences,
              sequences,
              load.cachedTokens(),
              load.prompts(),
              load.promptRows(),
              load.promptCachedTokens(),
              load.promptPairs(),
              sequences + load.prompts());
      ms +=
          latency.draftMixedPass(first)
              - (drafts == 0 ? 0 : latency.draftMixedPass(Load.decoding(sequences, 1, context)));
    }
    return ms;
  }

  /** All passes of the draft in a step of this length. */
  private double draftMs(int sequences, int drafted, int context) {
    StepShape shape = shapes.apply(drafted);
    return latency.step(sequences, shape, context)
        - latency.step(sequences, shape.verification(), context);
  }

  /**
   * Milliseconds of a step of sequences that draft alike and of whose tokens some are verified.
   *
   * @param rows of the target's pass
   */
  double verifying(int sequences, int drafted, int rows, long cachedTokens) {
    Load load = new Load(sequences, rows, cachedTokens, 0, 0, 0, 0, rows);
    return latency.mixedStep(load, true)
        + (model ? draftMs(sequences, drafted, (int) (cachedTokens / sequences)) : 0);
  }

  /** Milliseconds of a step of sequences that decode alike. */
  double decoding(int sequences, int drafted, long cachedTokens) {
    int context = (int) (cachedTokens / sequences);
    return drafted == 0
        ? latency.baselineStep(sequences, context)
        : latency.step(sequences, shapes.apply(drafted), context);
  }

  /** Of a model that knows one sequence at a time: it decodes, or its prompt is read. */
  private double alone(Load load, boolean speculates) {
    double ms = 0;
    if (load.prompts() > 0) {
      double prefill = latency.prefill(1, load.promptRows());
      ms += Double.isNaN(prefill) ? 0 : prefill;
    }
    if (load.sequences() > 0) {
      StepShape shape = speculates ? StepShape.copy(load.rows() - 1) : StepShape.PLAIN;
      ms += latency.step(1, shape, (int) load.cachedTokens());
    }
    return ms;
  }
}
