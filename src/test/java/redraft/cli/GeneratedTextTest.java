package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import redraft.decode.Continuation;
import redraft.decode.LiveComparison;
import redraft.steps.Step;
import redraft.validation.live.ProcessorUse;

class GeneratedTextTest {
  private static final Continuation PLAIN = new Continuation(new int[4], false, List.of(), 0);
  private static final Continuation SPECULATIVE =
      new Continuation(new int[4], false, List.of(new Step(0, 1, 1), new Step(2, 1, 1)), 0);

  /** Plain times in milliseconds; every speculative one is 2. */
  private static GeneratedText timed(double others, double... plain) {
    List<LiveComparison.Round> rounds =
        DoubleStream.of(plain).mapToObj(ms -> new LiveComparison.Round(ms * 1e6, 2e6)).toList();
    return GeneratedText.timed(
        new LiveComparison(PLAIN, SPECULATIVE, rounds), new ProcessorUse(2, 0, others, 0), 2);
  }

  // 3.0, 3.1, 3.2, 3.3, 3.4 over 2: quartiles 1.55 and 1.65, (3.3 − 3.1) / 3.2 is 6%
  @Test
  void aSpeedupComesWithTheQuartilesOfTheRatiosOfItsRounds() {
    GeneratedText text = timed(0, 3.4, 3.0, 3.2, 3.1, 3.3);
    assertTrue(
        text.describe("x").contains("speedup 1.60 over plain decoding, quartiles 1.55 – 1.65 ("),
        text.describe("x"));
    assertTrue(!text.describe("x").contains("unreliable"));
    assertTrue(
        text.describe("x")
            .startsWith(
                "Speculation was faster: speculative decoding ran at 1.60 times the speed of plain decoding.\n"),
        text.describe("x"));
    assertEquals(1.55, (double) text.fields("x").get("speedup_quartile_low"), 1e-12);
    assertEquals(1.65, (double) text.fields("x").get("speedup_quartile_high"), 1e-12);
    assertEquals(null, text.fields("x").get("unreliable"));
  }

  // 1 over 2 in every round; and 1.6 over 2 to 2.4 over 2, around one
  @Test
  void theFirstLineSaysWhatWasFasterOrThatNothingWas() {
    assertTrue(timed(0, 1, 1, 1).describe("x").startsWith("Plain decoding was faster: "));
    assertTrue(timed(0, 1.6, 2.4, 2).describe("x").startsWith("Too close to call: "));
    assertTrue(timed(0.5, 6, 6, 6).describe("x").startsWith("Too close to call: "));
  }

  // quartiles 2.8 and 3.6: a quarter of 3.2
  @Test
  void plainRoundsThatDisagreeMakeItUnreliableInOneLine() {
    String said = timed(0, 3.6, 2.8, 3.2, 2.8, 3.6).describe("x");
    assertEquals(
        1, said.lines().filter(line -> line.startsWith("which is unreliable: the middle")).count());
  }

  // two threads contending all the while: every round is as slow as the other, which no spread
  // shows
  @Test
  void otherWorkThatSlowsEveryRoundAlikeMakesItUnreliableToo() {
    String problem = (String) timed(0.5, 6, 6, 6).fields("x").get("unreliable");
    assertTrue(problem.startsWith("other work takes 50% of the 2 processors"), problem);
  }
}
