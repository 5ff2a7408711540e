package redraft.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.latency.LinearLatency;
import redraft.replay.Expectation;
import redraft.replay.ReplayOptions;
import redraft.replay.TraceReplay.Outcome;
import redraft.replay.TraceReplay.Setting;
import redraft.replay.TraceReplay.Source;
import redraft.trace.LogitDetail;
import redraft.trace.TraceHeader;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceHeader.ModelInfo;
import redraft.trace.TraceHeader.Sampling;
import redraft.trace.TraceHeader.TokenizerInfo;
import redraft.verify.TokenRule;

class ReplayTableTest {
  private static final TokenRule TOKEN = new TokenRule();
  private static final Source SOURCE =
      new Source(
          new TraceHeader(
              new TokenizerInfo("0".repeat(64), 3),
              new ModelInfo("big", "0".repeat(64), 1),
              List.of(new DraftInfo("big", "0".repeat(64), 1)),
              new Sampling(1, 0, 1, 0),
              LogitDetail.NONE),
          3,
          true);

  private static final LinearLatency.Price PRICE = new LinearLatency.Price(1, 0, 0);

  private LatencyModel latency;

  private ReplayTable table(LatencyModel latency) {
    this.latency = latency;
    return new ReplayTable("t.jsonl", ReplayOptions.fixed("small", TOKEN, List.of(2, 4), latency));
  }

  /** Seven tokens in four steps. */
  private Outcome outcome(String id, String domain, int draftLength, double drafted) {
    double[] counts = {2, 1, 1};
    return outcome(
        id, domain, draftLength, new Expectation(7, 4, drafted, counts, 4 + .1 * drafted, 7, null));
  }

  private Outcome outcome(String id, String domain, int draftLength, Expectation expectation) {
    return new Outcome(
        new Setting("small", TOKEN, "fixed", draftLength, new Deployment(latency)),
        id,
        domain,
        7,
        3.5,
        Double.NaN,
        null,
        expectation,
        null);
  }

  @Test
  void everythingComesFirstThenTheDomainsInAlphabeticalOrder() {
    ReplayTable table = table(new ConstantRatio(.1));
    for (String domain : List.of("maths", "chat", "code")) {
      table.accept(outcome(domain + "-1", domain, 2, 8));
      table.accept(outcome(domain + "-1", domain, 4, 10));
    }
    List<ReplayRow> rows = table.rows(SOURCE, true);
    assertEquals(
        List.of("all 2", "all 4", "chat 2", "chat 4", "code 2", "code 4", "maths 2", "maths 4"),
        rows.stream().map(row -> row.domain() + " " + row.draftLength()).toList());
    assertEquals(rows.subList(0, 2), table.rows(SOURCE, false));
    assertEquals(3, rows.get(0).sequences());
    assertEquals(21, rows.get(0).positions());
    assertEquals(1, rows.get(2).sequences());
  }

  @Test
  void aCostRatioKnowsNoMilliseconds() {
    ReplayTable table = table(new ConstantRatio(.1));
    table.accept(outcome("a", "chat", 2, 8));
    ReplayRow row = table.rows(SOURCE, false).get(0);
    assertEquals("big", row.targetModel());
    assertEquals("small", row.draftModel());
    assertEquals("exact", row.basis());
    assertEquals(7 / 4.8, row.speedup(), 1e-15);
    assertNull(row.baselineMsPerToken());
    assertNull(row.msPerToken());
    assertNull(row.meanThroughputSpeedup());
    assertNull(row.timelines());
  }

  @Test
  void measuredPassesAreInMilliseconds() {
    ReplayTable table = table(new LinearLatency("laptop", PRICE, PRICE, false, 0));
    table.accept(outcome("a", "chat", 2, 8));
    ReplayRow row = table.rows(SOURCE, false).get(0);
    assertEquals("laptop", row.hardware());
    assertEquals(1, row.baselineMsPerToken(), 1e-15);
    assertEquals(4.8 / 7, row.msPerToken(), 1e-15);
  }

  @Test
  void aRateOfNothingDraftedIsNoValue() {
    ReplayTable table = table(new ConstantRatio(.1));
    table.accept(outcome("a", "chat", 2, new Expectation(7, 7, 0, null, 7, 7, null)));
    assertNull(table.rows(SOURCE, false).get(0).draftAcceptanceRate());
  }

  // Of 4 steps 2 accept nothing, 1 one token, 1 two: P(≥ 1) = 1/2, P(≥ 2) = 1/4.
  @Test
  void acceptanceByPosition() {
    ReplayTable table = table(new ConstantRatio(.1));
    table.accept(outcome("a", "chat", 2, 8));
    List<AcceptanceRow> rows = table.acceptance(false);
    assertEquals(3, rows.size());
    assertRow(rows.get(0), 2, .5, 1, null);
    assertRow(rows.get(1), 1, .25, .5, .5);
    assertRow(rows.get(2), 1, .25, .25, .5);
  }

  private static void assertRow(
      AcceptanceRow row, double steps, double share, double joint, Double conditional) {
    assertEquals(steps, row.steps());
    assertEquals(share, row.share());
    assertEquals(joint, row.joint());
    assertEquals(conditional, row.conditional());
  }
}
