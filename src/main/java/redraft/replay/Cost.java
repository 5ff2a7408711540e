package redraft.replay;

/**
 * What decoding one sequence costs under one deployment, in the unit of its latency model.
 *
 * @param time of the steps, expected
 * @param baselineTime of plain decoding of the same tokens
 * @param prefillTime NaN where it is not known
 * @param runTimes [runs] of single runs, of which {@code time} is the mean; null where it is exact
 */
public record Cost(double time, double baselineTime, double prefillTime, double[] runTimes) {}
