package redraft.latency;

/**
 * What a serving engine adds to the roofline of hardware and shapes. Every engine has a few of
 * these, fitted to published runs; the others are 0 (docs/latency.md).
 */
public enum EngineCost {
  /** Least time of a layer in any pass, where kernels are launched one by one. */
  LAYER_MS("layerMs"),
  /** The same in passes of the draft, where those of the target are launched as one graph. */
  DRAFT_LAYER_MS("draftLayerMs"),
  /** What a layer of the draft takes at least more, where several devices share the models. */
  SPLIT_LAYER_MS("splitLayerMs"),
  /** What every pass of the draft takes besides. */
  DRAFT_PASS_MS("draftPassMs"),
  /** What every pass of the draft takes more for each doubling of the batch. */
  DRAFT_PASS_DOUBLING_MS("draftPassDoublingMs"),
  /** What every step takes besides, plain or speculative. */
  STEP_MS("stepMs"),
  /** What every speculative step takes besides. */
  SPECULATION_MS("speculationMs"),
  /**
   * What each row of a pass from the second to the eighth adds, as a part of the pass over one row:
   * kernels for few rows that read the weights again. Weights of 16 bits.
   */
  ROW_PART("rowPart"),
  /** The same for weights of 4 bits; half of it for 8 bits. */
  QUANTISED_ROW_PART("quantisedRowPart"),
  /** What each row whose distribution is read takes on the host, of draft and target alike. */
  SAMPLED_ROW_MS("sampledRowMs");

  /** The most that an engine may have, so that they can be told from each other. */
  public static final int MOST = 5;

  private final String field;

  EngineCost(String field) {
    this.field = field;
  }

  /** The name in files. */
  public String field() {
    return field;
  }
}
