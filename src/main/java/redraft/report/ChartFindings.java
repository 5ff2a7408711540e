package redraft.report;

import static redraft.report.TextTable.number;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import redraft.metrics.ReplayRow;
import redraft.trace.ReservedNames;

/**
 * What charts show, in a sentence that their titles say: computed from their numbers, and nothing
 * that intervals do not support.
 */
final class ChartFindings {
  private static final double AS_GOOD = 0.02; // of the speedup

  private ChartFindings() {}

  /** A title of two lines: what the chart shows, and the setting that it is of. */
  static String title(String finding, String setting) {
    return finding + "\n" + setting;
  }

  /**
   * Which domain gains more than which, at the best setting of them all.
   *
   * @param rows of one draft, rule and deployment
   */
  static String byDraftLength(List<ReplayRow> rows) {
    String everything =
        rows.stream().anyMatch(row -> row.domain().equals(ReservedNames.ALL_DOMAINS))
            ? ReservedNames.ALL_DOMAINS
            : rows.get(0).domain();
    List<ReplayRow> all = rows.stream().filter(row -> row.domain().equals(everything)).toList();
    ReplayRow best = ReplayRow.fastest(all);
    List<ReplayRow> domains =
        rows.stream()
            .filter(row -> !row.domain().equals(everything))
            .filter(row -> row.draftLength().equals(best.draftLength()))
            .filter(row -> row.speedupLow() != null)
            .toList();
    if (domains.size() > 1) {
      ReplayRow most = ReplayRow.fastest(domains);
      ReplayRow least =
          domains.stream().min(Comparator.comparing(ReplayRow::speedup)).orElseThrow();
      if (most.speedup() > 1 && most.speedupLow() > least.speedupHigh()) {
        return apart(most, least);
      }
    }
    return best.speedup() > 1 ? plateau(all, best) : "No draft length pays: " + at(best);
  }

  private static String apart(ReplayRow most, ReplayRow least) {
    String both = ": " + times(most) + " against " + times(least);
    if (most.speedupLow() > 1 && least.speedupHigh() < 1) {
      return "Speculation pays on " + most.domain() + " and not on " + least.domain() + both;
    }
    String first =
        most.domain().substring(0, 1).toUpperCase(Locale.ROOT) + most.domain().substring(1);
    double sure = (most.speedupLow() - 1) / (least.speedupHigh() - 1);
    double about = (most.speedup() - 1) / (least.speedup() - 1);
    String gains =
        least.speedupLow() <= 1
            ? least.speedup() <= 1 ? " runs faster than " : " gains more than "
            : sure > 1.5 && about > 1.75 && about < 2.5
                ? " gains about twice what "
                : sure > 2.25 && about >= 2.5 && about < 3.5
                    ? " gains about three times what "
                    : " gains more than ";
    return first + gains + least.domain() + (gains.endsWith("what ") ? " does" : "") + both;
  }

  /** How long drafts are as good as the best. */
  private static String plateau(List<ReplayRow> all, ReplayRow best) {
    List<Integer> good =
        all.stream()
            .filter(row -> row.speedup() >= best.speedup() * (1 - AS_GOOD))
            .map(ReplayRow::draftLength)
            .sorted()
            .toList();
    int least = good.get(0);
    int most = good.get(good.size() - 1);
    return "Fastest at "
        + best.draftLength()
        + " drafted "
        + (best.draftLength() == 1 ? "token" : "tokens")
        + ", "
        + times(best)
        + (least == most ? "" : "; " + least + " to " + most + " come within 2%");
  }

  /** Where it stops paying, at the best draft length of each batch. */
  static String byBatch(List<ReplayRow> best) {
    List<ReplayRow> sorted = best.stream().sorted(Comparator.comparing(ReplayRow::batch)).toList();
    ReplayRow stops = sorted.stream().filter(row -> row.speedup() <= 1).findFirst().orElse(null);
    ReplayRow last = sorted.get(sorted.size() - 1);
    int before = sorted.indexOf(stops) - 1;
    return stops == null
        ? "Pays at every batch up to " + last.batch() + ", where it gives " + times(last)
        : before < 0
            ? "Pays at no batch"
            : "Stops paying between batch " + sorted.get(before).batch() + " and " + stops.batch();
  }

  /** What it saves of the price of tokens where they are cheapest. */
  static String byPrice(List<ReplayRow> rows) {
    ReplayRow least =
        rows.stream().min(Comparator.comparing(ReplayRow::usdPerMillionTokens)).orElseThrow();
    double saved = 1 - least.usdPerMillionTokens() / least.baselineUsdPerMillionTokens();
    return saved > 0
        ? String.format(
            Locale.ROOT,
            "Saves %.0f%% of the price of tokens on %s, with %d drafted",
            100 * saved,
            least.hardware(),
            least.draftLength())
        : "Saves nothing of the price of tokens";
  }

  /** How often the first and the last position that is reached are kept. */
  static String byPosition(double[] joint) {
    int last = joint.length;
    return String.format(
        Locale.ROOT,
        "Of steps, %.0f%% keep the first drafted token and %.0f%% the first %d",
        100 * joint[0],
        100 * joint[last - 1],
        last);
  }

  /** How often steps keep nothing, and everything. */
  static String counts(double[] shares) {
    return String.format(
        Locale.ROOT,
        "Of steps, %.0f%% keep no drafted token and %.0f%% all %d",
        100 * shares[0],
        100 * shares[shares.length - 1],
        shares.length - 1);
  }

  /** How often the second and the last are kept once they are reached. */
  static String onceReached(double[] conditional) {
    int last = conditional.length;
    return String.format(
        Locale.ROOT,
        "Once reached, the second drafted token is kept in %.0f%% of cases, the last in %.0f%%",
        100 * conditional[1],
        100 * conditional[last - 1]);
  }

  private static String at(ReplayRow row) {
    return times(row) + " at " + row.draftLength();
  }

  private static String times(ReplayRow row) {
    return number(row.speedup(), 2) + "\u00a0×";
  }
}
