package redraft.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import redraft.latency.LinearLatency;
import redraft.replay.AcceptanceLaw;
import redraft.replay.ReplaySequence;
import redraft.traffic.arrivals.Arrival;
import redraft.traffic.arrivals.Arrivals;

/** Timelines worked by hand: a pass takes 10 ms and 1 for each row. */
class ServingSimulationTest {
  private static final LinearLatency COSTS =
      new LinearLatency(
          "by hand",
          new LinearLatency.PassCost(10, 1, 0),
          new LinearLatency.PassCost(2, 0.5, 0),
          false,
          0,
          null);

  private static EngineLimits limits(int sequences, int rows, long kvTokens) {
    return new EngineLimits(sequences, rows, kvTokens, 1);
  }

  private static Arrival at(double seconds, int promptTokens, int outputTokens) {
    return new Arrival("", seconds, promptTokens, outputTokens, null);
  }

  private static Workload of(Arrival... arrivals) {
    return Workload.open(
        (lengths, seed) ->
            new Arrivals() {
              private final Iterator<Arrival> next = List.of(arrivals).iterator();

              @Override
              public Arrival next() {
                return next.hasNext() ? next.next() : null;
              }

              @Override
              public void close() {}
            },
        0,
        Long.MAX_VALUE);
  }

  private static TrafficResult serve(
      EngineLimits limits, ServingSetting setting, Arrival... arrivals) throws IOException {
    return new Server(COSTS, limits, 1, Slo.of("ttft=20ms"))
        .serve(setting, of(arrivals), false, 0, null);
  }

  private static final ServingSetting PLAIN = ServingSetting.plain(List.of());

  /** Pass of 5 rows to 15 ms, then 2 of one row to 26 and 37. */
  @Test
  void aRequestReadsItsPromptAndDecodes() throws IOException {
    TrafficResult result = serve(limits(4, 100, Long.MAX_VALUE), PLAIN, at(0, 5, 3));
    assertEquals(15, result.ttft().mean());
    assertEquals(11, result.tpot().mean());
    assertEquals(37, result.latency().mean());
    assertEquals(1, result.requests().met());
    assertEquals(3, result.work().iterations());
  }

  /** A budget of 4 rows: 4 to 14 ms, the last to 25. */
  @Test
  void aLongPromptIsReadInChunks() throws IOException {
    TrafficResult result = serve(limits(4, 4, Long.MAX_VALUE), PLAIN, at(0, 5, 1));
    assertEquals(25, result.ttft().mean());
    assertEquals(0, result.requests().met());
  }

  /**
   * The second comes while the first reads, and its prompt shares the pass of the first's token.
   */
  @Test
  void aPromptIsReadBesideSequencesThatDecode() throws IOException {
    TrafficResult result =
        serve(limits(4, 100, Long.MAX_VALUE), PLAIN, at(0, 5, 2), at(.001, 3, 1));
    // First: 15, then a pass of 1 + 3 rows to 29, which gives the second its only token.
    assertEquals((15 + 28) / 2., result.ttft().mean(), 1e-9);
    assertEquals((29 + 28) / 2., result.latency().mean(), 1e-9);
  }

  /** Each has a replica of its own; the third shares that of the second, which has ended sooner. */
  @Test
  void replicasShareTheRequests() throws IOException {
    Server two = new Server(COSTS, limits(4, 100, Long.MAX_VALUE), 2, Slo.NONE);
    TrafficResult result =
        two.serve(PLAIN, of(at(0, 5, 2), at(0, 3, 1), at(.02, 3, 1)), false, 0, null);
    assertEquals((15 + 13 + 13) / 3., result.ttft().mean(), 1e-9);
    assertEquals((26 + 13 + 13) / 3., result.latency().mean(), 1e-9);
    assertEquals((26 + 26) / (2 * 33.), result.server().utilisation(), 1e-9);
  }

  @Test
  void noMoreRunAtOnceThanThereMay() throws IOException {
    TrafficResult result = serve(limits(1, 100, Long.MAX_VALUE), PLAIN, at(0, 5, 2), at(0, 3, 1));
    // 15 and 26 of the first; then 13 more for the second.
    assertEquals((15 + 39) / 2., result.ttft().mean(), 1e-9);
    assertEquals(1, result.server().batchMost());
  }

  /**
   * Blocks of one token, 9 of them. 3 + 3 rows to 16 ms; 2 to 28, 4 + 4 tokens; the first's next
   * token takes the last block, so that the second, which came last, gives its 4 back: 1 to 39 and
   * to 50. It finds them all but the last, and reads that and its second token again.
   */
  @Test
  void theLastRequestIsPreemptedWhereMemoryRunsOut() throws IOException {
    TrafficResult result = serve(limits(4, 100, 9), PLAIN, at(0, 3, 4), at(0, 3, 4));
    assertEquals(1, result.work().preemptions());
    assertEquals(16, result.ttft().mean());
    assertTrue(result.work().recomputedTokens() > 0);
    assertEquals(2, result.requests().finished());
  }

  @Test
  void aRequestThatNoMemoryHoldsIsRefusedByName() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> serve(limits(4, 100, 6), PLAIN, at(0, 3, 4)));
    assertTrue(refused.getMessage().startsWith("request 0 of 3 + 4 tokens does not fit"));
  }

  /** Everything is accepted, or nothing. */
  private record Certain(int length, boolean accepts) implements AcceptanceLaw {
    @Override
    public void survival(int position, int draftLength, double[] survival) {
      survival[0] = 1;
      Arrays.fill(survival, 1, draftLength + 1, accepts ? 1 : 0);
    }
  }

  private static ServingSetting drafting(boolean accepts, String policy) {
    return new ServingSetting(
        TestDraft.CHAIN,
        null,
        policy,
        2,
        List.of(new RecordedText(new ReplaySequence("t", new Certain(7, accepts), 5, true), 32)));
  }

  /**
   * 15 ms of prompt, of which the draft reads 5 rows for 4.5: 19.5. Two steps of 2 draft passes of
   * 2.5 and 3 rows of the target, 18 each, the second with 0.5 more for the draft to catch up.
   */
  @Test
  void stepsDraftVerifyAndCatchUp() throws IOException {
    TrafficResult result =
        serve(limits(4, 100, Long.MAX_VALUE), drafting(true, "fixed"), at(0, 5, 7));
    assertEquals(19.5, result.ttft().mean(), 1e-9);
    assertEquals(19.5 + 18 + 18.5, result.latency().mean(), 1e-9);
    assertEquals(2, result.work().steps());
    assertEquals(4, result.work().accepted());
    assertEquals(3, result.work().tokensPerStep());
  }

  /** Nothing accepted: 4 steps of 2 drafted, one of 1, and the last token alone. */
  @Test
  void aRejectedDraftEmitsOneToken() throws IOException {
    TrafficResult result =
        serve(limits(4, 100, Long.MAX_VALUE), drafting(false, "fixed"), at(0, 5, 7));
    assertEquals(6, result.work().steps());
    assertEquals(9, result.work().drafted());
    assertEquals(19.5 + 4 * 18 + 14.5 + 11, result.latency().mean(), 1e-9);
  }

  /** Rows of drafts count against the budget: 2 rows a pass leave 1 drafted token. */
  @Test
  void theBudgetOfRowsCutsDrafts() throws IOException {
    TrafficResult result =
        serve(limits(1, 2, Long.MAX_VALUE), drafting(true, "fixed"), at(0, 2, 7));
    assertEquals(3, result.work().steps());
    assertEquals(3, result.work().drafted());
  }

  /**
   * 4 rows to 14 ms, of which the draft reads for 4; the last alone, to 29, with no draft before
   * it.
   */
  @Test
  void nothingIsDraftedBeforeTheFirstToken() throws IOException {
    TrafficResult result =
        serve(limits(1, 4, Long.MAX_VALUE), drafting(true, "fixed"), at(0, 5, 7));
    assertEquals(29, result.ttft().mean(), 1e-9);
    assertEquals(2, result.work().steps());
  }

  @Test
  void aPolicyByLoadStopsDraftingAboveItsBatch() throws IOException {
    Arrival[] two = {at(0, 5, 7), at(0, 5, 7)};
    assertEquals(
        0,
        serve(limits(4, 100, Long.MAX_VALUE), drafting(true, "off-above:1"), two).work().drafted());
    assertEquals(
        8,
        serve(limits(4, 100, Long.MAX_VALUE), drafting(true, "off-above:2"), two).work().drafted());
    assertEquals(
        0,
        serve(limits(4, 100, Long.MAX_VALUE), drafting(true, "batch-table:1-1=2,2-9=0"), two)
            .work()
            .drafted());
  }

  @Test
  void policiesThatNoServerFollowsAreRefusedByName() {
    for (String policy : List.of("oracle", "p-min:0.5", "off-above:x", "never")) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> drafting(true, policy));
      assertTrue(refused.getMessage().contains("'" + policy + "'"), refused.getMessage());
    }
  }

  /** A rejected draft costs time and gives nothing, so goodput learns to draft none. */
  @Test
  void goodputLearnsWhatIsAccepted() throws IOException {
    Arrival[] many = new Arrival[200];
    for (int i = 0; i < many.length; i++) {
      many[i] = at(i, 5, 7);
    }
    EngineLimits limits = limits(4, 100, Long.MAX_VALUE);
    TrafficResult rejected = serve(limits, drafting(false, "goodput"), many);
    TrafficResult accepted = serve(limits, drafting(true, "goodput"), many);
    assertTrue(rejected.work().drafted() < .2 * rejected.work().steps());
    assertTrue(accepted.work().drafted() > 1.5 * accepted.work().steps());
  }

  /** The same numbers decide in every setting, so a longer draft keeps what a shorter one kept. */
  @Test
  void aLongerDraftKeepsWhatAShorterOneKept() {
    AcceptanceLaw half =
        new AcceptanceLaw() {
          @Override
          public int length() {
            return 50;
          }

          @Override
          public void survival(int position, int draftLength, double[] survival) {
            for (int k = 0; k <= draftLength; k++) {
              survival[k] = Math.pow(.5, k);
            }
          }
        };
    RecordedText text = new RecordedText(new ReplaySequence("t", half, 5, false), 6);
    Draws draws = new Draws(3);
    int[] counts = new int[7];
    for (int request = 0; request < 400; request++) {
      for (int position = 0; position < 40; position++) {
        double uniform = draws.uniform(request, position);
        int most = text.accepted(position, 6, uniform);
        counts[most]++;
        for (int drafted = 1; drafted < 6; drafted++) {
          assertEquals(Math.min(drafted, most), text.accepted(position, drafted, uniform));
        }
      }
    }
    for (int k = 0; k <= 6; k++) {
      double expected = 16000 * Math.pow(.5, Math.min(6, k + 1));
      assertEquals(expected, counts[k], 4 * Math.sqrt(expected), "accepted " + k);
    }
  }
}
