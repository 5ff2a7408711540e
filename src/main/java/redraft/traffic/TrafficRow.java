package redraft.traffic;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What one way to serve gives under one load.
 *
 * @param runs with different seeds
 * @param plain runs of plain decoding with the same requests; the same as {@code runs} for plain
 *     decoding itself
 * @param usdPerHour of the hardware; NaN where that is not known
 */
public record TrafficRow(
    OfferedLoad load,
    ServingSetting setting,
    Server server,
    List<TrafficResult> runs,
    List<TrafficResult> plain,
    double usdPerHour) {
  /** A number of the runs. */
  public Estimate of(ToDoubleFunction<TrafficResult> number) {
    return Estimate.of(runs.stream().mapToDouble(number).toArray());
  }

  /** Plain decoding's number over this one, run by run; above 1 where it falls. */
  public Estimate gain(ToDoubleFunction<TrafficResult> number) {
    return Estimate.of(
        IntStream.range(0, runs.size())
            .mapToDouble(
                i -> number.applyAsDouble(plain.get(i)) / number.applyAsDouble(runs.get(i)))
            .toArray());
  }

  /** How much sooner requests end. */
  public Estimate latencySpeedup() {
    return gain(result -> result.latency().mean());
  }

  /** How much faster tokens follow each other within requests. */
  public Estimate tpotSpeedup() {
    return gain(result -> result.tpot().mean());
  }

  /** Requests of a run whose times count. */
  public long requests() {
    return Math.round(of(result -> result.requests().counted()).mean());
  }

  /** Part of the requests that met the SLO. */
  public double attained() {
    return of(result -> (double) result.requests().met() / result.requests().counted()).mean();
  }

  /** Whether more requests come than can be served, in most runs. */
  public boolean overloaded() {
    return 2 * runs.stream().filter(TrafficResult::overloaded).count() > runs.size();
  }

  /** US dollars a million output tokens at this load; NaN where the rent is not known. */
  public double usdPerMillionTokens() {
    return usdPerHour / 3600 / of(result -> result.server().tokensPerSecond()).mean() * 1e6;
  }
}
