package redraft.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import redraft.latency.CostError;

class PayoffTest {
  private static Payoff.Answer answer(double speedup, double spread) {
    return Payoff.of(speedup, null, new CostError(0, spread, 9, 3)).answer();
  }

  // ln 1.2 = 0.182 is 1.82 standard deviations of 0.1: 96.6% of a normal distribution lie above 1.
  @Test
  void theProbabilityIsThatOfANormalLogarithm() {
    Payoff payoff = Payoff.of(1.2, null, new CostError(0, .1, 9, 3));
    assertEquals(.96587, payoff.probability(), 1e-5);
    assertEquals(1.2 * Math.exp(-1.959964 * .1), payoff.interval().low(), 1e-6);
    assertEquals(1.2 * Math.exp(1.959964 * .1), payoff.interval().high(), 1e-6);
    assertEquals(Payoff.Answer.PAYS, payoff.answer());
  }

  @Test
  void ninetyPercentDecide() {
    assertEquals(Payoff.Answer.PAYS, answer(Math.exp(.1282), .1));
    assertEquals(Payoff.Answer.TOO_CLOSE, answer(Math.exp(.1281), .1));
    assertEquals(Payoff.Answer.TOO_CLOSE, answer(Math.exp(-.1281), .1));
    assertEquals(Payoff.Answer.DOES_NOT_PAY, answer(Math.exp(-.1282), .1));
  }

  // Prompts leave a deviation of 0.3, costs one of 0.4: together 0.5.
  @Test
  void promptsAndCostsAddTheirVariances() {
    double reach = 1.959963985 * .3;
    Interval prompts = new Interval(2 * Math.exp(-reach), 2 * Math.exp(reach));
    Payoff payoff = Payoff.of(2, prompts, new CostError(0, .4, 9, 3));
    assertEquals(2 * Math.exp(1.959963985 * .5), payoff.interval().high(), 1e-6);
  }

  @Test
  void aBiasMovesTheAnswer() {
    assertEquals(.5, Payoff.of(1.5, null, new CostError(Math.log(1.5), .2, 9, 3)).probability());
  }

  @Test
  void whatIsTakenAsGivenIsSure() {
    assertEquals(1, Payoff.of(1.001, null, CostError.NONE).probability());
    assertTrue(Payoff.of(1.001, null, CostError.NONE).certain());
    assertFalse(Payoff.of(1.001, null, new CostError(0, .1, 9, 3)).certain());
    assertEquals(Payoff.Answer.DOES_NOT_PAY, Payoff.of(.999, null, CostError.NONE).answer());
    assertEquals(Payoff.Answer.DOES_NOT_PAY, Payoff.of(1, null, CostError.NONE).answer());
  }
}
