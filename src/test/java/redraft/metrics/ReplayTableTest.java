package redraft.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.latency.LinearLatency;
import redraft.policy.FixedLength;
import redraft.replay.AcceptLengthDraft;
import redraft.replay.CertainLaw;
import redraft.replay.Cost;
import redraft.replay.Expectation;
import redraft.replay.ReplayDraft;
import redraft.replay.ReplaySequence;
import redraft.replay.Setting;
import redraft.replay.TraceReplay.Outcome;
import redraft.replay.TraceReplay.Source;
import redraft.replay.TraceReplay.Text;
import redraft.steps.StepLog;
import redraft.trace.LogitDetail;
import redraft.trace.TraceHeader;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceHeader.ModelInfo;
import redraft.trace.TraceHeader.Sampling;
import redraft.trace.TraceHeader.TokenizerInfo;
import redraft.verify.TokenRule;

class ReplayTableTest {
  private static final TokenRule TOKEN = new TokenRule();
  private static final ReplayDraft DRAFT = new AcceptLengthDraft(new DraftInfo("small", "", 1), 0);
  private static final Source SOURCE =
      new Source(
          "t.jsonl",
          "all",
          new TraceHeader(
              new TokenizerInfo("0".repeat(64), 3),
              new ModelInfo("big", "0".repeat(64), 1),
              List.of(new DraftInfo("big", "0".repeat(64), 1)),
              new Sampling(1, 0, 1, 0),
              LogitDetail.NONE),
          3,
          true,
          true);

  private static final LinearLatency.PassCost COST = new LinearLatency.PassCost(1, 0, 0);

  private Deployment deployment;
  private final Map<Integer, Setting> settings = new HashMap<>(); // by draft length

  private ReplayTable table(LatencyModel latency) {
    deployment = new Deployment(latency);
    return new ReplayTable(0);
  }

  /** Seven tokens in four steps. */
  private Outcome outcome(String id, String domain, int draftLength, double drafted) {
    double[] counts = {2, 1, 1};
    return outcome(
        id, domain, draftLength, new Expectation(7, 4, drafted, counts, null), 4 + .1 * drafted);
  }

  private Outcome outcome(
      String id, String domain, int draftLength, Expectation expectation, double time) {
    Setting setting =
        settings.computeIfAbsent(
            draftLength, k -> new Setting(DRAFT, TOKEN, new FixedLength(k), deployment));
    ReplaySequence sequence = new ReplaySequence(id, new CertainLaw(new int[7], null), 5, true);
    return new Outcome(
        setting,
        new Text(id, domain, 7, 3.5, sequence),
        expectation,
        new StepLog(7),
        new Cost(time, 7, Double.NaN, null),
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
    assertEquals(3, rows.get(0).counts().sequences());
    assertEquals(21, rows.get(0).counts().positions());
    assertEquals(1, rows.get(2).counts().sequences());
  }

  @Test
  void onePromptHasNoInterval() {
    ReplayTable table = table(new ConstantRatio(.1));
    table.accept(outcome("a", "chat", 2, 8));
    assertNull(table.rows(SOURCE, false).get(0).speedupLow());
    table.accept(outcome("a", "chat", 2, 9)); // another sample of it
    assertNull(table.rows(SOURCE, false).get(0).speedupLow());
    assertNull(table.rows(SOURCE, false).get(0).tokensPerStepHigh());
    table.accept(outcome("b", "chat", 2, 9));
    assertNotNull(table.rows(SOURCE, false).get(0).speedupLow());
  }

  @Test
  void twoDeploymentsWithOneNameStayTwo() {
    ReplayTable table = table(new LinearLatency("profile", COST, COST, false, 0, null));
    table.accept(outcome("a", "chat", 2, 8));
    settings.clear();
    deployment = new Deployment(new LinearLatency("profile", COST, COST, false, 0, null));
    table.accept(outcome("a", "chat", 2, 8));
    assertEquals(2, table.rows(SOURCE, false).size());
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
    assertNull(row.speed().baselineMsPerToken());
    assertNull(row.speed().msPerToken());
    assertNull(row.speed().meanThroughput());
    assertNull(row.sampled());
  }

  @Test
  void measuredPassesAreInMilliseconds() {
    ReplayTable table = table(new LinearLatency("laptop", COST, COST, false, 0, null));
    table.accept(outcome("a", "chat", 2, 8));
    ReplayRow row = table.rows(SOURCE, false).get(0);
    assertEquals("laptop", row.hardware());
    assertEquals(1, row.speed().baselineMsPerToken(), 1e-15);
    assertEquals(4.8 / 7, row.speed().msPerToken(), 1e-15);
  }

  @Test
  void aRateOfNothingDraftedIsNoValue() {
    ReplayTable table = table(new ConstantRatio(.1));
    table.accept(outcome("a", "chat", 2, new Expectation(7, 7, 0, null, null), 7));
    assertNull(table.rows(SOURCE, false).get(0).counts().draftAcceptanceRate());
  }

  // Of 4 steps 2 accept nothing, 1 one token, 1 two: P(≥ 1) = 1/2, P(≥ 2) = 1/4.
  @Test
  void acceptanceByPosition() {
    ReplayTable table = table(new ConstantRatio(.1));
    table.accept(outcome("a", "chat", 2, 8));
    List<AcceptanceRow> rows = table.acceptance(SOURCE, false);
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
