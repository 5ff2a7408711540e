package redraft.latency;

/**
 * How wrong speedups are that a latency model has a part in: the distribution of ln(predicted /
 * measured) over published runs, each predicted by constants that were fitted without its source.
 *
 * @param bias mean
 * @param spread standard deviation
 * @param rows that were predicted; 0 where it is taken over from other engines
 * @param sources that the rows are from
 */
public record CostError(double bias, double spread, int rows, int sources) {
  /** Of costs that are taken as given. */
  public static final CostError NONE = new CostError(0, 0, 0, 0);
}
