package redraft.latency;

import java.util.ArrayList;
import java.util.List;
import redraft.json.CheckedObject;

/**
 * Passes made of the times that a GPU takes for the parts of a layer: {@link LayerTimes}. It prices
 * any pass over sequences that decode and prompts that are read.
 */
public final class LayerLatency implements LatencyModel {
  /** The word for this model in a file. */
  static final String MODEL = "layers";

  private final String name;
  private final LayerTimes target;
  private final LayerTimes draft; // null where drafts have no cost
  private final boolean head;

  /**
   * @param draft its times; null where there are none
   * @param head whether the draft is a head of the target, priced as one of its layers
   * @throws IllegalArgumentException if the columns make no grid of times
   */
  LayerLatency(String name, LayerTimes.Columns target, LayerTimes.Columns draft, boolean head) {
    this.name = name;
    this.target = new LayerTimes(target);
    this.head = head;
    LayerTimes.Columns drafts = head ? target.with("a head of " + target.model(), 1) : draft;
    this.draft = drafts == null ? null : new LayerTimes(drafts);
  }

  static LayerLatency read(CheckedObject fields) {
    String name = fields.text("name");
    boolean head = fields.has("draftHead") && fields.flag("draftHead");
    LayerTimes.Columns target = LayerTimes.Columns.read(fields.child("target"));
    LayerTimes.Columns draft =
        fields.has("draft") ? LayerTimes.Columns.read(fields.child("draft")) : null;
    if (head && draft != null) {
      fields.problem("draftHead", "beside a \"draft\"");
    }
    fields.finish(); // what follows takes every field to be there
    try {
      return new LayerLatency(name, target, draft, head);
    } catch (IllegalArgumentException e) {
      throw fields.error(e.getMessage());
    }
  }

  /** The times of the target's parts. */
  LayerTimes target() {
    return target;
  }

  /** The times of the draft's parts; null where there are none. */
  LayerTimes draft() {
    return draft;
  }

  /** Whether the draft is a head of the target, priced as one of its layers. */
  boolean head() {
    return head;
  }

  /** Layers of the target's decoder. */
  public int layers() {
    return target.columns().layers();
  }

  /** Milliseconds of a pass over so many rows without its attention. */
  public double withoutAttention(int rows) {
    return target.denseMs(rows) + target.expertsMs(rows) + target.sampledMs(rows);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Unit unit() {
    return Unit.MILLISECONDS;
  }

  @Override
  public String targetModel() {
    return target.columns().model();
  }

  @Override
  public String draftModel() {
    return draft == null ? null : draft.columns().model();
  }

  @Override
  public double targetPass(int batch, int rows, int contextTokens) {
    return mixedPass(Load.decoding(batch, rows, contextTokens));
  }

  @Override
  public double draftPass(int batch, int rows, int contextTokens) {
    return draftMixedPass(Load.decoding(batch, rows, contextTokens));
  }

  @Override
  public boolean knowsMixedPasses() {
    return true;
  }

  @Override
  public double mixedPass(Load load) {
    return target.passMs(load);
  }

  @Override
  public double draftMixedPass(Load load) {
    if (draft == null) {
      throw new IllegalArgumentException(
          "'"
              + name
              + "' holds no times of a draft, so what it would take is not known: import them with --draft-dir, price a head"
              + " with --draft-head, or draft nothing (--draft-length 0)");
    }
    return draft.passMs(load);
  }

  @Override
  public double stepOverhead(int batch) {
    return 0;
  }

  @Override
  public double prefill(int batch, int promptTokens) {
    return target.prefillMs(batch, promptTokens);
  }

  @Override
  public List<String> caveats() {
    List<String> caveats = new ArrayList<>();
    caveats.add(
        name
            + " holds times of the GPU alone: neither scheduling nor verification on the host, nor what passes between GPUs");
    caveats.add(
        name
            + " was measured with one row a sequence; the attention of verifications is taken as that of sequences beside a short prompt");
    if (head) {
      caveats.add(name + " prices a head as one layer of its target and the vocabulary projection");
    }
    if (target.hasExperts() || draft != null && draft.hasExperts()) {
      caveats.add(
          name
              + " counts experts as if rows chose on their own and all alike, which is an upper bound");
    }
    return caveats;
  }
}
