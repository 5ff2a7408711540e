package redraft.decode;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.commons.statistics.descriptive.Median;
import redraft.sampling.RandomStreams;

/**
 * Plain and speculative decoding of one prompt, timed in turns on the same machine.
 *
 * @param rounds in which both were timed
 */
public record LiveComparison(Continuation plain, Continuation speculative, List<Round> rounds) {
  /** Both once, one after the other: decoding only. */
  public record Round(double plainNanos, double speculativeNanos) {}

  /**
   * @param rounds timed, at least 1, after one round to warm up; every round decodes the same
   *     tokens
   */
  public static LiveComparison run(
      PlainDecoding plain,
      Speculation speculative,
      int[] prompt,
      RandomStreams streams,
      String text,
      int rounds) {
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds " + rounds + " must be at least 1");
    }
    Continuation plainResult = plain.run(prompt, streams, text);
    Continuation speculativeResult = speculative.run(prompt, streams, text);
    List<Round> timed = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      timed.add(
          new Round(
              plain.run(prompt, streams, text).decodeNanos(),
              speculative.run(prompt, streams, text).decodeNanos()));
    }
    return new LiveComparison(plainResult, speculativeResult, timed);
  }

  /** Of two runs of one prompt, each timed once. */
  public static LiveComparison once(Continuation plain, Continuation speculative) {
    return new LiveComparison(
        plain, speculative, List.of(new Round(plain.decodeNanos(), speculative.decodeNanos())));
  }

  /** The median over the rounds. */
  public double plainNanos() {
    return median(Round::plainNanos);
  }

  /** The median over the rounds. */
  public double speculativeNanos() {
    return median(Round::speculativeNanos);
  }

  private double median(ToDoubleFunction<Round> nanos) {
    return Median.withDefaults().evaluate(rounds.stream().mapToDouble(nanos).toArray());
  }

  /**
   * Plain over speculative time per token: with a temperature the two texts differ, and so may
   * their lengths.
   */
  public double speedup() {
    return (plainNanos() / plain.tokens().length)
        / (speculativeNanos() / speculative.tokens().length);
  }

  /** The same of every round alone. */
  public double[] speedups() {
    double lengths = (double) speculative.tokens().length / plain.tokens().length;
    return rounds.stream()
        .mapToDouble(round -> round.plainNanos / round.speculativeNanos * lengths)
        .toArray();
  }
}
