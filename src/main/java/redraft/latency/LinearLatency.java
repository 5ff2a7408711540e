package redraft.latency;

import java.util.ArrayList;
import java.util.List;
import redraft.json.CheckedObject;
import redraft.steps.StepShape;

/**
 * Passes that cost a fixed time, a time for every row and a time for every token in the caches, all
 * rows and caches of the batch added up: the form that Liu et al. 2026 (<a
 * href="https://arxiv.org/abs/2601.11580">arXiv:2601.11580</a>) fit to an H100.
 *
 * @param target cost of a target pass
 * @param draft cost of the draft: of a pass over each drafted token, or of the whole block, as
 *     {@code onePass} says
 * @param onePass whether one draft cost covers a whole block of K tokens, over K + 1 rows of one
 *     sequence and the caches of the batch, and is due even when nothing is drafted
 * @param stepOverheadMs of every step, plain or speculative
 * @param longestDraft the longest draft that was measured, tokens; null where that is not said
 */
public record LinearLatency(
    String name,
    PassCost target,
    PassCost draft,
    boolean onePass,
    double stepOverheadMs,
    Integer longestDraft)
    implements LatencyModel {
  /** The word for this model in a file. */
  static final String MODEL = "linear";

  /** Milliseconds. */
  public record PassCost(double fixedMs, double perRowMs, double perCachedTokenMs) {
    private static PassCost read(CheckedObject fields) {
      return new PassCost(
          fields.number("fixedMs", 0, CostNumbers.MS),
          fields.number("perRowMs", 0, CostNumbers.MS),
          fields.number("perCachedTokenMs", 0, CostNumbers.MS));
    }

    double of(double rows, double cachedTokens) {
      return fixedMs + perRowMs * rows + perCachedTokenMs * cachedTokens;
    }
  }

  static LinearLatency read(CheckedObject fields) {
    CheckedObject targetFields = fields.child("target");
    PassCost target = PassCost.read(targetFields);
    if (target.fixedMs + target.perRowMs == 0) {
      targetFields.problem("fixedMs", "and so is perRowMs: a target pass must take time");
    }
    return new LinearLatency(
        fields.text("name"),
        target,
        PassCost.read(fields.child("draft")),
        fields.word("draftPassesPerStep", "one", "each").equals("one"),
        fields.number("stepOverheadMs", 0, CostNumbers.MS),
        fields.has("longestDraft") ? (Integer) fields.count("longestDraft", null) : null);
  }

  @Override
  public Unit unit() {
    return Unit.MILLISECONDS;
  }

  @Override
  public double targetPass(int batch, int rows, int contextTokens) {
    return target.of((double) batch * rows, cachedTokens(batch, contextTokens));
  }

  @Override
  public double draftPass(int batch, int rows, int contextTokens) {
    return draft.of((double) batch * rows, cachedTokens(batch, contextTokens));
  }

  @Override
  public boolean knowsMixedPasses() {
    return true;
  }

  @Override
  public double mixedPass(Load load) {
    return of(target, load);
  }

  @Override
  public double draftMixedPass(Load load) {
    return of(draft, load);
  }

  private static double of(PassCost cost, Load load) {
    return cost.of(
        load.allRows(), load.cachedTokens() + load.sequences() + load.promptCachedTokens());
  }

  /** The first row's own token is in the cache by the time it is read. */
  private static double cachedTokens(int batch, int contextTokens) {
    return (double) batch * (contextTokens + 1);
  }

  @Override
  public double stepOverhead(int batch) {
    return stepOverheadMs;
  }

  @Override
  public double step(int batch, StepShape shape, int contextTokens) {
    return onePass && shape.drafting().runsModel()
        ? draft.of(shape.targetRows(), cachedTokens(batch, contextTokens))
            + targetPass(batch, shape.targetRows(), contextTokens)
            + stepOverheadMs
        : LatencyModel.super.step(batch, shape, contextTokens);
  }

  @Override
  public double catchUp(int batch, int contextTokens) {
    return onePass ? 0 : LatencyModel.super.catchUp(batch, contextTokens);
  }

  @Override
  public List<String> caveats() {
    List<String> caveats = new ArrayList<>();
    caveats.add(name + " knows no memory, so nothing says whether a batch fits");
    caveats.add(
        longestDraft == null
            ? name + " does not say up to which draft length it was measured"
            : name + " was measured up to draft length " + longestDraft);
    if (onePass) {
      caveats.add(
          name
              + " costs a block one pass of the draft however long it is, so it chooses drafts too long where passes follow each other");
    }
    return caveats;
  }

  @Override
  public double prefill(int batch, int promptTokens) {
    return target.of((double) batch * promptTokens, 0) + stepOverheadMs;
  }
}
