package redraft.latency;

import java.util.List;
import redraft.steps.StepShape;

/**
 * What passes of draft and target cost, and the steps made of them. All times of one model are in
 * one unit, {@link #unit()}.
 */
public interface LatencyModel {
  /** The name in reports, {@code hardware} in CSV. */
  String name();

  /** What the times are counted in. */
  Unit unit();

  /**
   * One pass of the target.
   *
   * @param batch sequences decoded together
   * @param rows tokens scored for each sequence: 1 in plain decoding, draft length + 1 in
   *     verification
   * @param contextTokens tokens in each sequence's cache before the pass
   */
  double targetPass(int batch, int rows, int contextTokens);

  /** Why passes of a draft model have no cost; null where they have one. */
  default String draftRefusal() {
    return null;
  }

  /** One pass of the draft; parameters as for the target. */
  double draftPass(int batch, int rows, int contextTokens);

  /** Whether {@link #mixedPass} has a cost. */
  default boolean knowsMixedPasses() {
    return false;
  }

  /**
   * One pass of the target over sequences that decode and prompts that are read. Where all decode
   * alike it costs what {@link #targetPass} does.
   */
  default double mixedPass(Load load) {
    throw new UnsupportedOperationException("'" + name() + "' knows no mixed passes");
  }

  /** The same pass of the draft, which reads prompts too before it drafts after them. */
  default double draftMixedPass(Load load) {
    throw new UnsupportedOperationException("'" + name() + "' knows no mixed passes");
  }

  /**
   * A mixed pass of the target and what surrounds it, as {@link #step} without draft passes.
   *
   * @param speculates whether steps draft, so that the pass verifies
   */
  default double mixedStep(Load load, boolean speculates) {
    return mixedPass(load) + stepOverhead(load.sequences() + load.prompts());
  }

  /** Whether replicas make their passes in step, because their layers share experts. */
  default boolean inStep() {
    return false;
  }

  /**
   * The same as {@link #mixedStep} of replicas that make it in step.
   *
   * @param loads of each replica
   */
  default double mixedSteps(List<Load> loads, boolean speculates) {
    double most = 0;
    for (Load load : loads) {
      most = Math.max(most, mixedStep(load, speculates));
    }
    return most;
  }

  /**
   * Tokens whose keys and values the memory holds beside the weights; {@link Long#MAX_VALUE} where
   * the memory is not known.
   *
   * @param part of the memory that is used
   * @param draftModel whether the draft's weights and caches are in memory too
   */
  default long kvTokens(double part, boolean draftModel) {
    return Long.MAX_VALUE;
  }

  /** Whether anything is known of what passes cost. */
  default boolean priced() {
    return true;
  }

  /** What every step costs besides its passes, plain or speculative. */
  double stepOverhead(int batch);

  /** A unit of time. */
  enum Unit {
    MILLISECONDS,
    /** The time of one pass of the target, where only a ratio is known. */
    TARGET_PASSES
  }

  /** The target that the times are of; null where they are not of a model in particular. */
  default String targetModel() {
    return null;
  }

  /** The draft that the times are of; null as for the target. */
  default String draftModel() {
    return null;
  }

  /** The serving engine that steps cost in; null where none is known. */
  default String engineName() {
    return null;
  }

  /** The verification rule that the engine uses unless told otherwise; null where none is known. */
  default String engineRule() {
    return null;
  }

  /** How wrong speedups are that rest on these costs; none where they are taken as given. */
  default CostError costError() {
    return CostError.NONE;
  }

  /** The rent of all hardware, US dollars an hour; NaN where that is not known. */
  default double usdPerHour() {
    return Double.NaN;
  }

  /**
   * Why this load cannot run, such as memory that does not suffice, in one line; null where nothing
   * is known against it. Costs are given all the same.
   *
   * @param draftModel whether the draft's weights and caches are in memory too
   */
  default String shortfall(int batch, int contextTokens, boolean draftModel) {
    return null;
  }

  /** Whether {@link #shortfall} knows the memory. */
  default boolean knowsMemory() {
    return false;
  }

  /** Why only batch 1 has a cost, in a few words; null where every batch has. */
  default String onlyBatchOne() {
    return null;
  }

  /** The largest batch that has a cost; where nothing was measured, any. */
  default int batchReach() {
    return Integer.MAX_VALUE;
  }

  /** The longest draft that has a cost; where nothing was measured, every draft has one. */
  default int draftReach() {
    return Integer.MAX_VALUE;
  }

  /** Most tokens before a pass that has a cost; where nothing was measured, any number. */
  default int contextReach() {
    return Integer.MAX_VALUE;
  }

  /** What it does not know and a reader should, a line each. */
  default List<String> caveats() {
    return List.of();
  }

  /** Where its numbers come from, a line each. */
  default List<String> sources() {
    return List.of("Costs: " + name());
  }

  /** Draft pass / target pass where this is all that is known; null otherwise. */
  default Double onlyRatio() {
    return null;
  }

  /** The same costs for text sampled at this temperature, where sampling is part of them. */
  default LatencyModel atTemperature(double temperature) {
    return this;
  }

  /**
   * One step: the draft's passes in order, the target's pass, and what surrounds them. The draft's
   * cache grows from pass to pass; all are taken at the middle.
   *
   * @param contextTokens tokens in each sequence's cache before the step
   */
  default double step(int batch, StepShape shape, int contextTokens) {
    List<Integer> rows = shape.draftRows();
    int middle = contextTokens + Math.max(0, rows.size() - 1) / 2;
    double draft = 0;
    for (int from = 0, to; from < rows.size(); from = to) {
      for (to = from + 1; to < rows.size() && rows.get(to).equals(rows.get(from)); to++) {}
      draft += (to - from) * draftPass(batch, rows.get(from), middle);
    }
    return draft + targetPass(batch, shape.targetRows(), contextTokens) + stepOverhead(batch);
  }

  /**
   * One step, whose draft passes may run beside the target's: then the longer of both counts, and
   * what surrounds them. Or the target's pass that decodes accepted tokens again.
   */
  default double time(int batch, StepShape shape, int contextTokens) {
    if (shape.drafting() == StepShape.Drafting.AGAIN) {
      return targetPass(batch, shape.targetRows(), contextTokens);
    }
    if (!shape.beside()) {
      return step(batch, shape, contextTokens);
    }
    double verification = step(batch, shape.verification(), contextTokens);
    double drafting = step(batch, shape.inTurn(), contextTokens) - verification;
    double pass = targetPass(batch, shape.targetRows(), contextTokens);
    return verification + Math.max(0, drafting - pass);
  }

  /** One step of plain decoding. */
  default double baselineStep(int batch, int contextTokens) {
    return step(batch, StepShape.PLAIN, contextTokens);
  }

  /** One step of a draft model that proposes a chain of tokens. */
  default double speculativeStep(int batch, int draftLength, int contextTokens) {
    return step(batch, StepShape.chain(draftLength), contextTokens);
  }

  /**
   * What the step after a wholly accepted block costs more: its first draft pass also takes in the
   * last drafted token, which the draft proposed but never read.
   */
  default double catchUp(int batch, int contextTokens) {
    return draftPass(batch, 2, contextTokens) - draftPass(batch, 1, contextTokens);
  }

  /** Reading the prompt, before decoding begins; NaN where that is not known. */
  default double prefill(int batch, int promptTokens) {
    return Double.NaN;
  }
}
