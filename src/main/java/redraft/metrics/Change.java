package redraft.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * How a ratio of sums over prompts differs between two traces, and how much of that the prompts
 * leave open.
 *
 * <p>Where the traces share prompts, each is compared with itself: the delete-one jackknife of ln
 * (after / before) over the shared prompts, with Student's t. Where they do not, the errors of the
 * two, each by the jackknife over its own prompts, add up as squares, with Welch's degrees of
 * freedom (<a href="https://doi.org/10.2307/2332510">1947</a>), rounded down.
 *
 * @param before of the prompts that are compared, as {@code after}
 * @param ratio after / before, 95%; null where there are too few prompts
 * @param paired whether prompts are compared each with itself
 * @param promptsBefore that are compared, as {@code promptsAfter}; alike where they are paired
 * @param leftOut prompts of one of the traces alone, which a paired comparison leaves out
 */
public record Change(
    double before,
    double after,
    Interval ratio,
    boolean paired,
    int promptsBefore,
    int promptsAfter,
    int leftOut) {
  /** Fewer say nothing of others. */
  private static final int FEWEST = 2;

  /** What share is lost: 1 − after / before, below 0 for a gain. */
  public double loss() {
    return 1 - after / before;
  }

  /** The share that is lost, 95%; null where there are too few prompts. */
  public Interval lossInterval() {
    return ratio == null ? null : new Interval(1 - ratio.high(), 1 - ratio.low());
  }

  /** Whether the interval leaves no doubt that the two differ. */
  public boolean real() {
    return ratio != null && (ratio.low() > 1 || ratio.high() < 1);
  }

  /**
   * Of the speedup, baseline time / time.
   *
   * @param before sums of each prompt, as {@link PromptTable#of} gives them, at least one
   */
  public static Change ofSpeedup(Map<String, double[]> before, Map<String, double[]> after) {
    return of(before, after, 0, 1);
  }

  /** Of tokens per step, as {@link #ofSpeedup}. */
  public static Change ofTokensPerStep(Map<String, double[]> before, Map<String, double[]> after) {
    return of(before, after, 2, 3);
  }

  /**
   * @param x place of the sum above the line, {@code y} of that below it
   */
  private static Change of(
      Map<String, double[]> before, Map<String, double[]> after, int x, int y) {
    List<double[]> pairs = new ArrayList<>(); // {x, y} before, then after
    before.forEach(
        (id, own) -> {
          double[] other = after.get(id);
          if (other != null) {
            pairs.add(new double[] {own[x], own[y], other[x], other[y]});
          }
        });
    if (pairs.size() >= FEWEST && 2 * pairs.size() >= Math.min(before.size(), after.size())) {
      double[] sums = Jackknife.sums(pairs);
      return new Change(
          sums[0] / sums[1],
          sums[2] / sums[3],
          exp(Jackknife.interval(pairs, s -> Math.log(s[2] / s[3] / (s[0] / s[1])))),
          true,
          pairs.size(),
          pairs.size(),
          before.size() + after.size() - 2 * pairs.size());
    }
    List<double[]> own = before.values().stream().map(s -> new double[] {s[x], s[y]}).toList();
    List<double[]> other = after.values().stream().map(s -> new double[] {s[x], s[y]}).toList();
    double first = ratio(own);
    double second = ratio(other);
    return new Change(first, second, unpaired(own, other), false, own.size(), other.size(), 0);
  }

  private static double ratio(List<double[]> prompts) {
    double[] sums = Jackknife.sums(prompts);
    return sums[0] / sums[1];
  }

  private static Interval unpaired(List<double[]> before, List<double[]> after) {
    if (before.size() < FEWEST || after.size() < FEWEST) {
      return null;
    }
    double own = variance(before);
    double other = variance(after);
    double both = own + other;
    double freedom =
        both == 0
            ? before.size() + after.size() - 2
            : both * both / (own * own / (before.size() - 1) + other * other / (after.size() - 1));
    double reach = RatioSums.quantile((long) Math.max(1, freedom)) * Math.sqrt(both);
    double middle = Math.log(ratio(after) / ratio(before));
    return exp(new Interval(middle - reach, middle + reach));
  }

  /** The squared error of the logarithm of a ratio of sums. */
  private static double variance(List<double[]> prompts) {
    ToDoubleFunction<double[]> logarithm = sums -> Math.log(sums[0] / sums[1]);
    Interval interval = Jackknife.interval(prompts, logarithm);
    double error = (interval.high() - interval.low()) / 2 / RatioSums.quantile(prompts.size() - 1);
    return error * error;
  }

  private static Interval exp(Interval logarithms) {
    return new Interval(Math.exp(logarithms.low()), Math.exp(logarithms.high()));
  }
}
