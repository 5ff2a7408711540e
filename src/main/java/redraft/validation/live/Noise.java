package redraft.validation.live;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import redraft.metrics.Quartiles;
import redraft.metrics.RatioSums;

/**
 * How much the times of live runs scatter, and whether the machine was quiet enough to compare them
 * with what was predicted.
 *
 * @param plainLow first quartile over the turns of plain decoding's time a token, over the median
 * @param plainHigh third quartile, over the median
 * @param timing relative difference between measured and predicted speedup that scatter explains,
 *     with 95% confidence: of the same prompts timed twice; NaN below two of them
 * @param threads that decoding asks processors for
 */
public record Noise(
    double plainLow, double plainHigh, double timing, ProcessorUse use, int threads) {
  private static final double TOLERANCE = 0.05; // for measured beside predicted

  // Between quartiles over the median: normal times scatter by 0.074 of it then, the median of nine
  // rounds by 0.031 (√(π/2) / √9), a ratio of two by 0.044: 95% are ± 9%.
  private static final double MOST_PLAIN_SPREAD = 0.1;
  private static final double DISTURBED = 1.5; // times as slow as usual
  private static final double MOST_WAITING = 0.1;
  private static final double MOST_STOLEN = 0.05;
  private static final double LEAST_OF_A_THREAD = 0.9; // of a processor

  /**
   * One prompt, decoded plainly and speculatively one after the other.
   *
   * @param plainMs a token
   * @param speculativeMs a step
   */
  public record Turn(double plainMs, double speculativeMs) {
    private double slowness() {
      return Math.sqrt(plainMs * speculativeMs);
    }
  }

  /** One prompt, once as it is measured and once as its costs are taken from it. */
  public record Pair(Turn live, Turn timed) {
    /** ln of the one's plain over speculative time by the other's. */
    private double difference() {
      return Math.log(live.plainMs / live.speculativeMs / (timed.plainMs / timed.speculativeMs));
    }
  }

  /** What keeps a machine from being quiet, in the order in which it is named. */
  public enum Cause {
    /** Other programs leave decoding fewer processors than it has threads. */
    OTHER_WORK,
    /** The host of this virtual machine gives its processors to others. */
    HOST,
    /** The decoding thread waited for a processor, and nothing says for whom. */
    WAITING,
    /** Times scatter more than the turns average out: bursts of work, changing clock rates. */
    SCATTER,
    /** The same, where no prompt was timed twice: plain decoding disagrees with itself. */
    UNSTEADY
  }

  /**
   * @param live turns that were measured, one at least
   * @param pairs of prompts that the prediction's costs are taken from; empty where nothing is
   *     predicted and the turns are of the same texts
   */
  public static Noise of(List<Turn> live, List<Pair> pairs, ProcessorUse use, int threads) {
    Quartiles plain = Quartiles.of(live.stream().mapToDouble(Turn::plainMs).toArray());
    return new Noise(
        plain.low() / plain.median(),
        plain.high() / plain.median(),
        reach(undisturbed(undisturbed(pairs, Pair::live), Pair::timed)),
        use,
        threads);
  }

  /**
   * The turns that were not half as slow again as is usual among them, in the geometric mean of
   * plain and speculative decoding: a stall of the machine weighs more on a sum than all the rest,
   * and on whichever side it happens to meet. At least half of the turns are kept.
   */
  public static <T> List<T> undisturbed(List<T> turns, Function<T, Turn> times) {
    double[] slowness = turns.stream().mapToDouble(turn -> times.apply(turn).slowness()).toArray();
    if (turns.isEmpty()) {
      return turns;
    }
    double limit = DISTURBED * Quartiles.of(slowness).median();
    return turns.stream().filter(turn -> times.apply(turn).slowness() <= limit).toList();
  }

  /** Half of the 95% interval of the mean difference. */
  private static double reach(List<Pair> pairs) {
    int n = pairs.size();
    if (n < 2) {
      return Double.NaN;
    }
    double[] logs = pairs.stream().mapToDouble(Pair::difference).toArray();
    double mean = 0;
    for (double log : logs) {
      mean += log / n;
    }
    double squares = 0;
    for (double log : logs) {
      squares += (log - mean) * (log - mean);
    }
    return RatioSums.quantile(n - 1L) * Math.sqrt(squares / (n - 1) / n);
  }

  /** Why the machine is too busy to compare speedups on it; null where it is not. */
  public Cause cause() {
    double left = use.processors() * (1 - use.others());
    double asked = Math.min(threads, use.processors());
    if (left < LEAST_OF_A_THREAD * asked) { // false where others are not known
      return Cause.OTHER_WORK;
    }
    if (use.stolen() > MOST_STOLEN) {
      return Cause.HOST;
    }
    if (use.waiting() > MOST_WAITING) {
      return Cause.WAITING;
    }
    if (Double.isNaN(timing)) {
      return plainHigh - plainLow > MOST_PLAIN_SPREAD ? Cause.UNSTEADY : null;
    }
    return timing > TOLERANCE ? Cause.SCATTER : null;
  }

  /**
   * Why speedups that were measured here are unreliable, and what to do; null where they are not.
   */
  public String problem() {
    Cause cause = cause();
    return cause == null ? null : describe(cause) + "; try again when it is quiet";
  }

  private String describe(Cause cause) {
    return switch (cause) {
      case OTHER_WORK ->
          format(
              "other work takes %.0f%% of the %d processors, and decoding asks for %d",
              100 * use.others(), use.processors(), threads);
      case HOST ->
          format(
              "the host of this virtual machine takes %.0f%% of its processors",
              100 * use.stolen());
      case WAITING ->
          format("decoding waits %.0f%% of the time for a processor", 100 * use.waiting());
      case SCATTER ->
          "times scatter more than so many prompts average out (bursts of other work, changing clock rates, a shared host?)";
      case UNSTEADY ->
          format(
              "the middle half of plain decoding took %.2f to %.2f times the usual, more than %.0f%% apart",
              plainLow, plainHigh, 100 * MOST_PLAIN_SPREAD);
    };
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
