package redraft.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import redraft.latency.LinearLatency;
import redraft.replay.AcceptanceLaw;
import redraft.replay.ReplaySequence;
import redraft.steps.StepShape;
import redraft.traffic.arrivals.Lengths;

/** A pass takes 10 ms and some more for each row, two passes of the draft over two requests 6. */
class AdaptiveVerificationTest {
  private static final int TOKENS = 40;

  private static LinearLatency costs(double perRow) {
    return new LinearLatency(
        "by hand",
        new LinearLatency.PassCost(10, perRow, 0),
        new LinearLatency.PassCost(2, 0.5, 0),
        false,
        0,
        null);
  }

  /** Every drafted token is accepted with this probability, and the draft is as sure of it. */
  private record Alike(double each) implements AcceptanceLaw {
    @Override
    public int length() {
      return TOKENS;
    }

    @Override
    public void survival(int position, int draftLength, double[] survival) {
      for (int k = 0; k <= draftLength; k++) {
        survival[k] = Math.pow(each, k);
      }
    }
  }

  private static RecordedText text(double acceptance, double sure) {
    float[] largest = new float[TOKENS];
    Arrays.fill(largest, (float) sure);
    return new RecordedText(
        new ReplaySequence("text " + sure, new Alike(acceptance), 5, true), 4, largest);
  }

  private static Request decoding(long number, RecordedText text) {
    Request request = new Request(number, 0, 5, TOKENS, text);
    request.emitted = 1;
    request.computed = 5;
    return request;
  }

  private static AdaptiveVerification policy(double perRow) {
    return new AdaptiveVerification(2, new IterationPrices(costs(perRow), StepShape::chain));
  }

  /**
   * How sure by vLLM's curve: 0.962 of 0.998, 0.036 of 0.002. Scores 0.962, 0.926, 0.036 and 0.001;
   * 2 tokens in 18 ms, 2.962 in 19, 3.888 in 20, 3.924 in 21: two rows pay.
   */
  @Test
  void theBatchVerifiesTheLikeliestTokensThatPay() {
    Request sure = decoding(0, text(1, .998));
    Request unsure = decoding(1, text(0, .002));
    AdaptiveVerification policy = policy(1);
    policy.iteration(List.of(unsure, sure), 10);
    assertEquals(2, policy.admitted(sure, 2)); // nothing is known of either: all are verified
    assertEquals(2, policy.admitted(unsure, 2));
    policy.iteration(List.of(unsure, sure), 10);
    assertEquals(2, policy.admitted(sure, 2));
    assertEquals(0, policy.admitted(unsure, 2));
  }

  /** 1 token in 115 ms or, of a draft that is 0.02 sure, 1.10 in 215. */
  @Test
  void dearRowsAreNotVerified() {
    Request unsure = decoding(0, text(.1, .02));
    AdaptiveVerification policy = policy(100);
    policy.iteration(List.of(unsure), 5);
    policy.iteration(List.of(unsure), 5);
    assertEquals(0, policy.admitted(unsure, 2));
    assertEquals(2, policy.length(unsure));
  }

  /**
   * Where verification costs nothing it is what fixed drafts are; where it is dear, it is sooner.
   */
  @Test
  void itServesAsFixedDraftsDoWhereRowsAreFreeAndSoonerWhereTheyAreDear() throws IOException {
    List<RecordedText> texts = List.of(text(.9, .95), text(.1, .05));
    TrafficResult[] fixed = new TrafficResult[2];
    TrafficResult[] adaptive = new TrafficResult[2];
    for (int i = 0; i < 2; i++) {
      fixed[i] = serve(i == 0 ? 0 : 2, "fixed", texts);
      adaptive[i] = serve(i == 0 ? 0 : 2, "adaptive-verification", texts);
    }
    assertEquals(fixed[0].latency().mean(), adaptive[0].latency().mean());
    assertEquals(fixed[0].work(), adaptive[0].work());
    assertTrue(adaptive[1].latency().mean() < .95 * fixed[1].latency().mean());
    assertTrue(adaptive[1].work().accepted() < fixed[1].work().accepted());
    assertEquals(fixed[1].requests().finished(), adaptive[1].requests().finished());
  }

  private static TrafficResult serve(double perRow, String policy, List<RecordedText> texts)
      throws IOException {
    Lengths lengths = new TextPool(texts, 0, true);
    return new Server(
            costs(perRow),
            new EngineLimits(8, 500, Long.MAX_VALUE, EngineLimits.BLOCK),
            1,
            Slo.NONE)
        .serve(
            new ServingSetting(TestDraft.CHAIN, null, policy, 4, texts),
            Workload.closed(8, 200, own -> lengths, 0, Long.MAX_VALUE),
            true,
            0,
            null);
  }

  @Test
  void aDraftThatDoesNotSayHowSureItWasIsRefused() {
    RecordedText silent = new RecordedText(new ReplaySequence("text", new Alike(.5), 5, true), 4);
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new ServingSetting(
                    TestDraft.CHAIN, null, "adaptive-verification", 4, List.of(silent)));
    assertTrue(refused.getMessage().contains("--signals"), refused.getMessage());
  }
}
