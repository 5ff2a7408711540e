package redraft.policy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A bandit over the draft lengths 1 … K: each step takes the length whose tokens per time so far,
 * and what may still be unknown of them, are highest. No random numbers.
 *
 * <p>Hou et al. 2025, BanditSpec (<a href="https://arxiv.org/abs/2505.15141">arXiv:2505.15141</a>),
 * Algorithm 4, {@code UCBSpec}, with throughput as the reward, as in its section 6.2: a step that
 * drafts {@code k} takes {@code 1 + ratio · k}. The radius is the paper's with the range of that
 * reward in place of the range of accepted counts, and {@code δ = 1/2} as in its proof. An arm's
 * mean is its tokens over its time, which is the mean of its rewards except where the end of a text
 * cut a draft short.
 *
 * @param name as it was written
 * @param draftLength K, the longest
 * @param ratio time of drafting one token over that of a target pass
 * @param explore factor of the radius, 1 in the paper
 */
public record Bandit(String name, Integer draftLength, double ratio, double explore)
    implements DraftLengthPolicy {
  static final String NAME = "bandit";
  private static final double DELTA = 0.5;

  public Bandit {
    if (draftLength < 1) {
      throw new IllegalArgumentException("draft length " + draftLength + " must be at least 1");
    }
  }

  /**
   * @param written the name, alone for a ratio of 0.1
   * @throws IllegalArgumentException naming what is wrong with it
   */
  static Bandit of(String written, int draftLength) {
    PolicyParameters parameters =
        new PolicyParameters(written, NAME + ":0.1:explore=1", List.of("explore"));
    List<String> list = parameters.list();
    if (list.size() > 1) {
      throw parameters.wrong("has " + list.size() + " numbers, not one cost ratio");
    }
    return new Bandit(
        written,
        draftLength,
        list.isEmpty() ? 0.1 : parameters.number(list.get(0), 0, 100),
        parameters.number("explore", 0, 1000, 1));
  }

  @Override
  public int initialLength() {
    return 1;
  }

  @Override
  public Memory start() {
    return new State(this, Collections.nCopies(draftLength, new Arm(0, 0, 0)), 1);
  }

  /** What one draft length has given so far. */
  private record Arm(int steps, int tokens, int drafted) {}

  /**
   * @param arms by draft length, from 1
   * @param length the next, which follows from these
   */
  private record State(Bandit policy, List<Arm> arms, int length) implements Memory {
    @Override
    public Memory after(int drafted, int accepted) {
      if (drafted == 0) {
        return this;
      }
      List<Arm> next = new ArrayList<>(arms);
      Arm arm = arms.get(length - 1);
      next.set(
          length - 1, new Arm(arm.steps + 1, arm.tokens + accepted + 1, arm.drafted + drafted));
      return new State(policy, next, policy.best(next));
    }
  }

  private int best(List<Arm> arms) {
    int steps = arms.stream().mapToInt(Arm::steps).sum();
    if (steps < arms.size()) {
      return steps + 1; // each once
    }
    int best = 0;
    double highest = 0;
    for (int i = 0; i < arms.size(); i++) {
      Arm arm = arms.get(i);
      double index =
          arm.tokens / (arm.steps + ratio * arm.drafted) + explore * radius(arm.steps, steps);
      if (index > highest) {
        highest = index;
        best = i + 1;
      }
    }
    return best;
  }

  /** Equation 6. */
  private double radius(double pulls, double steps) {
    double log = Math.log(draftLength * steps * steps * Math.sqrt(1 + pulls) / DELTA);
    return range() / 2 * Math.sqrt((1 + pulls) / (pulls * pulls) * (1 + 2 * log));
  }

  /** From everything rejected at the longest draft to everything accepted at the best one. */
  private double range() {
    double most = Math.max(2 / (1 + ratio), (draftLength + 1) / (1 + ratio * draftLength));
    return most - 1 / (1 + ratio * draftLength);
  }
}
