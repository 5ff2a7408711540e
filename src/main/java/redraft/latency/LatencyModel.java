package redraft.latency;

/**
 * Prices the passes of draft and target. All times of one model are in one unit, {@link #unit()}.
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

  /** One pass of the draft; parameters as for the target. */
  double draftPass(int batch, int rows, int contextTokens);

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

  /** What the hardware costs while it runs, US dollars; NaN where that is not known. */
  default double usdPerHour() {
    return Double.NaN;
  }

  /**
   * Why this load cannot run, such as memory that does not suffice, in one line; null where nothing
   * is known against it. Prices are given all the same.
   */
  default String shortfall(int batch, int contextTokens) {
    return null;
  }

  /** The same prices for text sampled at this temperature, where sampling is priced. */
  default LatencyModel atTemperature(double temperature) {
    return this;
  }

  /** One step of plain decoding. */
  default double baselineStep(int batch, int contextTokens) {
    return targetPass(batch, 1, contextTokens) + stepOverhead(batch);
  }

  /**
   * One step of speculative decoding: a draft pass for each drafted token, one target pass over
   * them and one more. The draft's cache grows from pass to pass; all are priced at the middle.
   */
  default double speculativeStep(int batch, int draftLength, int contextTokens) {
    double draft =
        draftLength == 0
            ? 0
            : draftLength * draftPass(batch, 1, contextTokens + (draftLength - 1) / 2);
    return draft + targetPass(batch, draftLength + 1, contextTokens) + stepOverhead(batch);
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
