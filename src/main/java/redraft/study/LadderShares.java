package redraft.study;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import redraft.trace.TraceSequence.Draft;
import redraft.verify.Ladder;
import redraft.verify.SampledCandidates;

/** How often each candidate that is drawn is the committed token, on average over texts. */
final class LadderShares {
  private final Map<String, double[]> sums = new HashMap<>(); // by ladder, over positions
  private long positions;

  /**
   * @param to position after the last
   */
  void add(Draft recorded, int from, int to) {
    recorded
        .ladders()
        .forEach(
            (name, ladder) -> {
              for (int t = from; t < to; t++) {
                double[] sum = sums.computeIfAbsent(name, key -> new double[ladder[from].length]);
                for (int i = 0; i < sum.length; i++) {
                  sum[i] += ladder[t][i];
                }
              }
            });
    positions += to - from;
  }

  /**
   * Of the first, second, … candidate, in the longest ladder that was recorded.
   *
   * @throws IllegalArgumentException if the rule has none, or if its candidates' shares depend on
   *     how many there are
   */
  double[] of(SampledCandidates rule) {
    if (!rule.nested()) {
      throw new IllegalArgumentException(
          "rule '"
              + rule.name()
              + "' accepts a candidate with a probability that depends on how many there are at its node, and Sequoia's tree takes it"
              + " to depend on the candidate alone; use iid or wor");
    }
    double[] sum =
        sums.entrySet().stream()
            .filter(entry -> Ladder.named(entry.getKey()).rule() == rule)
            .map(Map.Entry::getValue)
            .max(Comparator.comparingInt(each -> each.length))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the trace has no ladder of rule '"
                            + rule.name()
                            + "', of which a tree could be made; record with --ladder "
                            + rule.name()
                            + ":4"));
    return Arrays.stream(sum).map(each -> each / positions).toArray();
  }
}
