package redraft.policy;

import java.util.List;

/**
 * SGLang's adaptive speculation: a moving average of accepted tokens decides, every few steps,
 * whether the draft length goes up or down among a few candidates.
 *
 * <p>Source, read 2026-11: {@code sglang/srt/speculative/adaptive_spec_params.py} of sglang 0.5.23,
 * class {@code AdaptiveStepSlot} and the slot of batch size 1 of {@code DEFAULT_ADAPTIVE_CONFIG}.
 * It is that of one request by itself: a server averages over the requests of a batch, has other
 * candidates from batch 8 on, remembers across requests, and may learn of a step one step late
 * where scheduling overlaps.
 *
 * @param name as it was written
 * @param candidates draft lengths, ascending; 0 is no drafting
 * @param initialLength one of them
 * @param alpha weight of the newest step in the average
 * @param interval steps between two decisions
 * @param warmup steps before the first interval
 */
public record SglangAdaptive(
    String name,
    List<Integer> candidates,
    int initialLength,
    double alpha,
    int interval,
    int warmup,
    Thresholds thresholds)
    implements DraftLengthPolicy {
  public static final String NAME = "sglang-adaptive";
  private static final String EXAMPLE =
      NAME + ":1,3,5,7:start=3:alpha=0.2:interval=5:warmup=10:up=0:down=-0.25:ceiling=0";
  private static final int MOST = 1_000_000;

  public SglangAdaptive {
    candidates = List.copyOf(candidates);
  }

  /**
   * @param up added to the average that a longer draft needs
   * @param down added to the average at which a shorter draft is taken
   * @param ceiling no length that is kept or taken on the way down exceeds the average times this,
   *     rounded up; 0 for no such bound
   */
  public record Thresholds(double up, double down, double ceiling) {}

  /**
   * @param written the name, alone for the release's defaults
   * @throws IllegalArgumentException naming what is wrong with it
   */
  static SglangAdaptive of(String written) {
    PolicyParameters parameters =
        new PolicyParameters(
            written,
            EXAMPLE,
            List.of("start", "alpha", "interval", "warmup", "up", "down", "ceiling"));
    List<Integer> candidates =
        parameters.list().isEmpty()
            ? List.of(1, 3, 5, 7)
            : parameters.list().stream()
                .map(text -> parameters.whole(text, 0, 63))
                .distinct()
                .sorted()
                .toList();
    // The middle one; of the defaults it is taken among those of all batch sizes, 0 1 3 5 7.
    int middle = parameters.list().isEmpty() ? 3 : candidates.get(candidates.size() / 2);
    int start = parameters.whole("start", 0, 63, middle);
    if (!candidates.contains(start)) {
      throw parameters.wrong("starts at " + start + ", none of its candidates " + candidates);
    }
    return new SglangAdaptive(
        written,
        candidates,
        start,
        parameters.number("alpha", 0, 1, 0.2),
        parameters.whole("interval", 1, MOST, 5),
        parameters.whole("warmup", 0, MOST, 10),
        new Thresholds(
            parameters.number("up", -100, 100, 0),
            parameters.number("down", -100, 100, -0.25),
            parameters.number("ceiling", 0, 100, 0)));
  }

  @Override
  public Integer draftLength() {
    return null; // its own
  }

  @Override
  public Memory start() {
    return new State(
        this, candidates.indexOf(initialLength), initialLength - 1.0, warmup + interval);
  }

  /**
   * @param index of the candidate
   * @param average of accepted tokens
   * @param left steps until the next decision, at least 1
   */
  private record State(SglangAdaptive policy, int index, double average, int left)
      implements Memory {
    @Override
    public int length() {
      return policy.candidates.get(index);
    }

    @Override
    public Memory after(int drafted, int accepted) {
      return afterMean(drafted, accepted);
    }

    @Override
    public Memory afterMean(int drafted, double accepted) {
      double next =
          length() == 0 ? average : (1 - policy.alpha) * average + policy.alpha * accepted;
      return left > 1 ? new State(policy, index, next, left - 1) : policy.decided(index, next);
    }
  }

  private State decided(int from, double average) {
    int last = candidates.size() - 1;
    if (candidates.get(from) == 0) { // tries again after each interval
      int to = Math.min(from + 1, last);
      boolean unknown = average < 0; // nothing was ever drafted
      return new State(this, to, unknown && to > from ? candidates.get(to) - 1 : average, interval);
    }
    int to = from;
    while (to > 0 && average <= downTo(candidates.get(to - 1))) {
      to--;
    }
    if (to == from) {
      while (to < last && average > candidates.get(to) - 0.5 + thresholds.up) {
        to++;
      }
    }
    if (thresholds.ceiling > 0 && to <= from) {
      double most = Math.max(1, Math.ceil(average * thresholds.ceiling));
      while (to > 0 && candidates.get(to) > most) {
        to--;
      }
    }
    return new State(this, to, average, interval);
  }

  private double downTo(int shorter) {
    return (shorter == 0 ? 0.5 : shorter - 0.5) + thresholds.down;
  }
}
