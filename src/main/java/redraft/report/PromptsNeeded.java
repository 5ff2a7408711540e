package redraft.report;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import redraft.metrics.Interval;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayRow.Needed;

/** How much of a result's uncertainty more prompts would take away, in words. */
public final class PromptsNeeded {
  private PromptsNeeded() {}

  /**
   * Of the row whose speedup is known worst, so that it is true of all of them; empty where there
   * is no interval.
   *
   * @param rows of one trace; those of single domains are left out
   */
  public static Optional<String> of(List<ReplayRow> rows) {
    return rows.stream()
        .filter(row -> row.domain().equals(rows.get(0).domain()))
        .filter(row -> row.promptsNeeded() != null)
        .max(Comparator.comparing(ReplayRow::promptsNeeded))
        .map(
            row ->
                "95% of "
                    + (row.deployment().latency().priced() ? "the speedup" : "tokens per step")
                    + " by prompts: "
                    + (rows.size() == 1 ? "" : "at most ")
                    + words(
                        row.intervals().speedup(), row.intervals().needed(), row.promptsNeeded()));
  }

  /**
   * How wide an interval is, and what more prompts would make of it.
   *
   * @param needed for it to be ±2%
   */
  public static String words(Interval interval, Needed known, Long needed) {
    Objects.requireNonNull(needed);
    String width =
        String.format(
            Locale.ROOT,
            "±%.1f%% over %,d prompts",
            100 * (Math.sqrt(interval.high() / interval.low()) - 1),
            known.prompts());
    return needed <= known.prompts()
        ? width
        : width
            + String.format(
                Locale.ROOT,
                "; %,d more of their kind bring it to ±%.0f%%",
                needed - known.prompts(),
                100 * Needed.WIDTH);
  }
}
