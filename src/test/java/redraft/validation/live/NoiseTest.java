package redraft.validation.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import redraft.validation.live.Noise.Cause;
import redraft.validation.live.Noise.Pair;
import redraft.validation.live.Noise.Turn;

class NoiseTest {
  private static final ProcessorUse IDLE = new ProcessorUse(2, 0.01, 0.02, 0);
  private static final List<Turn> STEADY = Collections.nCopies(8, new Turn(2, 3));
  private static final List<Pair> ALIKE =
      Collections.nCopies(8, new Pair(new Turn(2, 3), new Turn(2, 3)));

  private static Cause cause(ProcessorUse use, int threads) {
    return Noise.of(STEADY, ALIKE, use, threads).cause();
  }

  private static List<Turn> plain(double... ms) {
    return DoubleStream.of(ms).mapToObj(each -> new Turn(each, 3)).toList();
  }

  @Test
  void steadyTurnsOnAnIdleMachineAreQuietAndExplainNoDifference() {
    Noise noise = Noise.of(STEADY, ALIKE, IDLE, 2);
    assertNull(noise.cause());
    assertEquals(0, noise.timing(), 1e-12);
    assertEquals(1, noise.plainLow());
    assertEquals(1, noise.plainHigh());
  }

  // of 1, 2, 3, 4, 5 the quartiles are 2 and 4, the median 3
  @Test
  void theSpreadOfPlainDecodingIsThatOfItsQuartilesOverTheMedian() {
    Noise noise = Noise.of(plain(5, 1, 4, 2, 3), ALIKE, IDLE, 2);
    assertEquals(2 / 3.0, noise.plainLow(), 1e-12);
    assertEquals(4 / 3.0, noise.plainHigh(), 1e-12);
  }

  // ln of plain over speculative is 0 and 1: standard deviation √½, of the mean ½; t(1) is 12.7062
  @Test
  void scatterExplainsThe95PercentIntervalOfTheMeanLogarithm() {
    Turn one = new Turn(1, 1);
    Noise noise =
        Noise.of(STEADY, List.of(new Pair(one, one), new Pair(new Turn(Math.E, 1), one)), IDLE, 2);
    assertEquals(6.3531, noise.timing(), 1e-4);
    assertEquals(Cause.SCATTER, noise.cause());
  }

  // a prompt whose plain decoding is dear is so both times
  @Test
  void whatPromptsDoToBothIsNoNoise() {
    List<Pair> pairs =
        List.of(new Pair(new Turn(2, 3), new Turn(4, 6)), new Pair(new Turn(3, 3), new Turn(5, 5)));
    assertEquals(0, Noise.of(STEADY, pairs, IDLE, 2).timing(), 1e-12);
  }

  // quartiles 0.955 and 1.045 of the median are 9% apart, 0.94 and 1.06 are 12%
  @Test
  void roundsOfOneTextWhoseMiddleHalfIsMoreThanATenthApartAreUnsteady() {
    assertNull(Noise.of(plain(1.91, 1.91, 2, 2.09, 2.09), List.of(), IDLE, 2).problem());
    Noise noise = Noise.of(plain(1.88, 1.88, 2, 2.12, 2.12), List.of(), IDLE, 2);
    assertEquals(Cause.UNSTEADY, noise.cause());
    assertEquals(
        "the middle half of plain decoding took 0.94 to 1.06 times the usual, more than 10% apart; try again when it is"
            + " quiet",
        noise.problem());
    // where the same prompts were timed twice, what averages out is known better
    assertNull(Noise.of(plain(1.88, 1.88, 2, 2.12, 2.12), ALIKE, IDLE, 2).problem());
  }

  @Test
  void oneTurnSaysNothingOfScatterAndAccusesNobody() {
    Noise noise = Noise.of(plain(2), List.of(new Pair(new Turn(2, 3), new Turn(2, 3))), IDLE, 2);
    assertTrue(Double.isNaN(noise.timing()));
    assertNull(noise.cause());
  }

  // a stall of 4 times: √(8 · 12) beside √(2 · 3)
  @Test
  void aTurnInWhichTheMachineStalledIsLeftOut() {
    List<Turn> turns = new ArrayList<>(STEADY);
    turns.add(new Turn(8, 12));
    assertEquals(STEADY, Noise.undisturbed(turns, Function.identity()));
    List<Pair> pairs = new ArrayList<>(ALIKE);
    pairs.add(new Pair(new Turn(8, 12), new Turn(2, 9)));
    pairs.add(new Pair(new Turn(2, 3), new Turn(20, 9)));
    assertEquals(0, Noise.of(turns, pairs, IDLE, 2).timing(), 1e-12);
  }

  // 2.8 · 4.2 is 1.4² of 2 · 3; 4 · 1.5 is 2 · 3 itself
  @Test
  void aTurnThatIsHalfAsSlowAgainAtMostIsKept() {
    List<Turn> turns = new ArrayList<>(STEADY);
    turns.add(new Turn(2.8, 4.2));
    turns.add(new Turn(4, 1.5));
    assertEquals(turns, Noise.undisturbed(turns, Function.identity()));
  }

  // others leave 1.2 of 2 processors to 2 threads
  @Test
  void otherWorkThatLeavesFewerProcessorsThanThreadsIsTheCause() {
    assertEquals(Cause.OTHER_WORK, cause(new ProcessorUse(2, 0.3, 0.4, 0), 2));
  }

  // the same share leaves 1.2 of 2 processors to 1 thread, and 9.6 of 16 to 8
  @Test
  void otherWorkBesideEnoughProcessorsIsNoCause() {
    assertNull(cause(new ProcessorUse(2, 0, 0.4, 0), 1));
    assertNull(cause(new ProcessorUse(16, 0, 0.4, 0), 8));
  }

  // 0.4 of 16 leaves 9.6, which 16 threads miss; 17 threads on 16 processors ask for 16 too
  @Test
  void moreThreadsThanProcessorsAskForAllOfThem() {
    assertEquals(Cause.OTHER_WORK, cause(new ProcessorUse(16, 0, 0.4, 0), 17));
    assertNull(cause(new ProcessorUse(16, 0, 0.05, 0), 17));
  }

  @Test
  void theHostIsTheCauseWhereItTakesProcessorsAway() {
    assertEquals(Cause.HOST, cause(new ProcessorUse(2, 0.2, 0.02, 0.1), 2));
  }

  @Test
  void waitingIsTheCauseWhereNothingElseIsKnown() {
    assertEquals(Cause.WAITING, cause(new ProcessorUse(2, 0.2, Double.NaN, Double.NaN), 2));
    assertNull(cause(new ProcessorUse(2, 0.02, Double.NaN, Double.NaN), 2));
    assertNull(cause(new ProcessorUse(2, Double.NaN, Double.NaN, Double.NaN), 2));
  }
}
