package redraft.latency;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import redraft.steps.StepShape;

/**
 * What somebody has measured of a pair on their own machine, in a few numbers: a plain step, a
 * draft pass and a verification. One sequence at a time, and the same at every context.
 *
 * @param plainMs a step of plain decoding with everything that belongs to it, milliseconds
 * @param draftPassMs a draft pass, of two rows too, so that catching up costs nothing more; NaN
 *     where nobody stated it, which is enough for drafts that run no model
 * @param verification what a target pass of more than one row costs
 * @param speculationOverheadMs of every step that drafts, besides its passes
 */
public record StatedLatency(
    double plainMs, double draftPassMs, Verification verification, double speculationOverheadMs)
    implements LatencyModel {
  /** What target passes of more than one row cost. */
  public sealed interface Verification {
    /**
     * @param plainMs of a pass of one row
     * @param rows at least 2
     * @throws IllegalArgumentException if nothing is known of so many rows
     */
    double ms(double plainMs, int rows);
  }

  /**
   * The same whatever the rows.
   *
   * @param factor verification / plain pass
   * @param assumed whether nobody stated it
   */
  public record Factor(double factor, boolean assumed) implements Verification {
    public Factor {
      if (!(factor > 0) || Double.isInfinite(factor)) {
        throw new IllegalArgumentException(
            "verification factor " + factor + " must be a number above 0");
      }
      CostNumbers.require("verification factor " + factor, factor, CostNumbers.RATIO);
    }

    @Override
    public double ms(double plainMs, int rows) {
      return factor * plainMs;
    }
  }

  /**
   * Milliseconds by rows, linear between them and from the plain pass to the first.
   *
   * @param msByRows of at least one number of rows from 2 on
   */
  public record ByRows(NavigableMap<Integer, Double> msByRows) implements Verification {
    public ByRows {
      msByRows = new TreeMap<>(msByRows);
      if (msByRows.isEmpty()) {
        throw new IllegalArgumentException("a verification has at least 2 rows; none is stated");
      }
      msByRows.forEach(
          (rows, ms) -> {
            if (rows < 2) {
              throw new IllegalArgumentException("a verification has at least 2 rows, not " + rows);
            }
            requireTime("verification of " + rows + " rows", ms);
          });
    }

    @Override
    public double ms(double plainMs, int rows) {
      Map.Entry<Integer, Double> above = msByRows.ceilingEntry(rows);
      if (above == null) {
        throw new IllegalArgumentException(
            "verifications are stated up to "
                + msByRows.lastKey()
                + " rows, not for "
                + rows
                + "; state a longer one, or draft at most "
                + (msByRows.lastKey() - 1)
                + " tokens");
      }
      Map.Entry<Integer, Double> below = msByRows.floorEntry(rows);
      int rowsBelow = below == null ? 1 : below.getKey();
      double msBelow = below == null ? plainMs : below.getValue();
      double part =
          rows == rowsBelow ? 0 : (double) (rows - rowsBelow) / (above.getKey() - rowsBelow);
      return msBelow + part * (above.getValue() - msBelow);
    }
  }

  public StatedLatency {
    requireTime("plain step", plainMs);
    if (!Double.isNaN(draftPassMs)) {
      CostNumbers.require("draft pass of " + draftPassMs + " ms", draftPassMs, CostNumbers.MS);
    }
    CostNumbers.require(
        "overhead of " + speculationOverheadMs + " ms", speculationOverheadMs, CostNumbers.MS);
  }

  private static void requireTime(String what, double ms) {
    if (!(ms > 0) || Double.isInfinite(ms)) {
      throw new IllegalArgumentException(what + " of " + ms + " ms must be a number above 0");
    }
    if (ms < CostNumbers.LEAST_MS) {
      throw new IllegalArgumentException(
          what + " of " + ms + " ms must be at least " + CostNumbers.LEAST_MS);
    }
    CostNumbers.require(what + " of " + ms + " ms", ms, CostNumbers.MS);
  }

  @Override
  public String name() {
    return "stated-times";
  }

  @Override
  public Unit unit() {
    return Unit.MILLISECONDS;
  }

  @Override
  public String onlyBatchOne() {
    return "stated for batch 1 only";
  }

  @Override
  public double targetPass(int batch, int rows, int contextTokens) {
    return rows == 1 ? plainMs : verification.ms(plainMs, rows);
  }

  @Override
  public String draftRefusal() {
    return Double.isNaN(draftPassMs)
        ? "nothing says what a draft pass costs: name --draft-speed or --draft-pass-ms, or a draft that runs no model"
        : null;
  }

  @Override
  public double draftPass(int batch, int rows, int contextTokens) {
    if (draftRefusal() != null) {
      throw new IllegalArgumentException(draftRefusal());
    }
    return draftPassMs;
  }

  @Override
  public double stepOverhead(int batch) {
    return speculationOverheadMs;
  }

  /** A plain step is as it was measured, whatever it held. */
  @Override
  public double step(int batch, StepShape shape, int contextTokens) {
    return shape.equals(StepShape.PLAIN)
        ? plainMs
        : LatencyModel.super.step(batch, shape, contextTokens);
  }

  @Override
  public List<String> caveats() {
    return verification instanceof Factor factor && factor.assumed
        ? List.of(
            name()
                + ": nothing says what a verification costs, so it is taken to cost one plain pass, which few machines "
                + "keep to; --verify-factor or --verify-ms states it")
        : List.of();
  }

  @Override
  public List<String> sources() {
    return List.of(
        String.format(
            Locale.ROOT,
            "Costs: %s: plain step %.3f ms, %sat every context",
            name(),
            plainMs,
            Double.isNaN(draftPassMs)
                ? ""
                : String.format(Locale.ROOT, "draft pass %.3f ms, ", draftPassMs)));
  }
}
