package redraft.metrics;

import org.apache.commons.statistics.distribution.NormalDistribution;
import redraft.latency.CostError;

/**
 * Whether speculation is faster than plain decoding, as far as prompts and costs say. Both leave
 * ln(speedup) open, independently of each other, so their variances add up.
 *
 * @param probability that it is faster
 * @param interval of the speedup, 95%
 */
public record Payoff(Answer answer, double probability, Interval interval) {
  private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

  /** Half the width of a 95% interval in standard deviations. */
  private static final double REACH = NORMAL.inverseSurvivalProbability(0.025);

  /** The probability from which an answer is one. */
  private static final double SURE = 0.9;

  /** What can be said: one of three. */
  public enum Answer {
    PAYS("pays"),
    TOO_CLOSE("too close to call"),
    DOES_NOT_PAY("does not pay");

    private final String words;

    Answer(String words) {
      this.words = words;
    }

    public String words() {
      return words;
    }
  }

  /** Whether nothing is left open: acceptance and costs are taken as given. */
  public boolean certain() {
    return interval.low() == interval.high();
  }

  /**
   * @param speedup predicted
   * @param prompts the 95% interval that the prompts leave; null where none is known
   * @param costs how wrong predictions are that rest on such costs
   */
  public static Payoff of(double speedup, Interval prompts, CostError costs) {
    double fromPrompts =
        prompts == null ? 0 : Math.log(prompts.high() / prompts.low()) / (2 * REACH);
    double deviation = Math.hypot(fromPrompts, costs.spread());
    double middle = Math.log(speedup) - costs.bias();
    double probability =
        deviation > 0
            ? NORMAL.cumulativeProbability(middle / deviation)
            : middle > 0 ? 1 : middle < 0 ? 0 : 0.5;
    Interval interval =
        new Interval(Math.exp(middle - REACH * deviation), Math.exp(middle + REACH * deviation));
    return new Payoff(
        probability >= SURE
            ? Answer.PAYS
            : probability <= 1 - SURE || middle == 0 && deviation == 0
                ? Answer.DOES_NOT_PAY
                : Answer.TOO_CLOSE,
        probability,
        interval);
  }
}
