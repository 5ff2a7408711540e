package redraft.report;

import java.util.Optional;
import redraft.metrics.ReplayRow;

/** What is left above a rule, in words. */
public final class Headroom {
  private static final double ALIKE = 0.005; // tokens per step

  private Headroom() {}

  /** Empty where nothing is left, or where it is not known. */
  public static Optional<String> of(ReplayRow row) {
    Double limit = row.counts().tokensPerStepLimit();
    return limit == null || limit < row.tokensPerStep() + ALIKE
        ? Optional.empty()
        : Optional.of(
            "headroom: no lossless rule "
                + (row.setting().draft().tree() == null
                    ? "for one chain of " + row.draftLength() + " drawn tokens"
                    : "that decides node by node of tree "
                        + row.setting().draft().tree()
                        + ", of candidates drawn independently,")
                + " would take more than "
                + TextTable.number(limit, 3)
                + " tokens per step here; rule "
                + row.rule()
                + " takes "
                + TextTable.number(row.tokensPerStep(), 3));
  }
}
