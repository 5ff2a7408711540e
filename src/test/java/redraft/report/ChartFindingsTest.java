package redraft.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import redraft.metrics.ReplayRow;

/** Titles say no more than the intervals do. */
class ChartFindingsTest {
  /** Of one draft length. */
  private static ReplayRow row(
      String domain, int draftLength, double low, double speedup, double high) {
    return Rows.speedup(domain, draftLength, low, speedup, high);
  }

  private static String finding(ReplayRow... domains) {
    List<ReplayRow> rows = new ArrayList<>(List.of(domains));
    rows.add(row("all", 4, 1.4, 1.5, 1.6));
    rows.add(row("all", 5, 1.38, 1.48, 1.58));
    rows.add(row("all", 6, 1.3, 1.4, 1.5));
    return ChartFindings.byDraftLength(rows);
  }

  // gains of 1.0 and 0.5: twice, and at least (1.9 − 1) / (1.55 − 1) = 1.64 times
  @Test
  void twiceIsSaidWhereEvenTheEndsOfIntervalsAreFarApart() {
    assertEquals(
        "Dialogue gains about twice what code does: 2.00\u00a0× against 1.50\u00a0×",
        finding(row("dialogue", 4, 1.9, 2, 2.1), row("code", 4, 1.45, 1.5, 1.55)));
    assertEquals( // (1.7 − 1) / (1.6 − 1) = 1.17
        "Dialogue gains more than code: 2.00\u00a0× against 1.50\u00a0×",
        finding(row("dialogue", 4, 1.7, 2, 2.3), row("code", 4, 1.4, 1.5, 1.6)));
  }

  @Test
  void overlappingIntervalsTellNoDomainsApart() {
    assertEquals(
        "Fastest at 4 drafted tokens, 1.50\u00a0×; 4 to 5 come within 2%",
        finding(row("dialogue", 4, 1.5, 2, 2.5), row("code", 4, 1.4, 1.5, 1.6)));
  }

  @Test
  void whereOneGainsAndOneLosesThatIsTheFinding() {
    assertEquals(
        "Speculation pays on dialogue and not on code: 1.50\u00a0× against 0.80\u00a0×",
        finding(row("dialogue", 4, 1.4, 1.5, 1.6), row("code", 4, 0.7, 0.8, 0.9)));
  }

  @Test
  void whereNothingGainsThatIsTheFinding() {
    List<ReplayRow> rows =
        List.of(
            row("all", 1, 0.8, 0.86, 0.9),
            row("maths", 1, 0.9, 0.91, 0.92),
            row("drama", 1, 0.8, 0.81, 0.82));
    assertEquals("No draft length pays: 0.86\u00a0× at 1", ChartFindings.byDraftLength(rows));
  }

  /** Of other draft lengths nothing is compared. */
  @Test
  void domainsAreComparedAtTheBestDraftLengthOfAll() {
    assertEquals(
        "Fastest at 4 drafted tokens, 1.50\u00a0×; 4 to 5 come within 2%",
        finding(row("dialogue", 6, 1.9, 2, 2.1), row("code", 6, 1.4, 1.5, 1.6)));
  }
}
