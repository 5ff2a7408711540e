package redraft.decode;

import org.apache.commons.statistics.descriptive.Median;
import redraft.sampling.RandomStreams;

/**
 * Plain and speculative decoding of one prompt, timed in turns on the same machine.
 *
 * @param plainNanos median over the rounds, decoding only
 * @param speculativeNanos median over the rounds, decoding only
 */
public record LiveComparison(
    Continuation plain, Continuation speculative, double plainNanos, double speculativeNanos) {
  /**
   * @param rounds timed, at least 1, after one round to warm up; every round decodes the same
   *     tokens
   */
  public static LiveComparison run(
      PlainDecoding plain,
      SpeculativeDecoding speculative,
      int[] prompt,
      RandomStreams streams,
      String text,
      int rounds) {
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds " + rounds + " must be at least 1");
    }
    double[] plainNanos = new double[rounds];
    double[] speculativeNanos = new double[rounds];
    Continuation plainResult = plain.run(prompt, streams, text);
    Continuation speculativeResult = speculative.run(prompt, streams, text);
    for (int round = 0; round < rounds; round++) {
      plainNanos[round] = plain.run(prompt, streams, text).decodeNanos();
      speculativeNanos[round] = speculative.run(prompt, streams, text).decodeNanos();
    }
    Median median = Median.withDefaults();
    return new LiveComparison(
        plainResult,
        speculativeResult,
        median.evaluate(plainNanos),
        median.evaluate(speculativeNanos));
  }

  /** Of two runs of one prompt, each timed once. */
  public static LiveComparison once(Continuation plain, Continuation speculative) {
    return new LiveComparison(plain, speculative, plain.decodeNanos(), speculative.decodeNanos());
  }

  /**
   * Plain over speculative time per token: with a temperature the two texts differ, and so may
   * their lengths.
   */
  public double speedup() {
    return (plainNanos / plain.tokens().length) / (speculativeNanos / speculative.tokens().length);
  }
}
