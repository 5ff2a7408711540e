package redraft.policy;

import java.util.ArrayList;
import java.util.List;

/**
 * TensorRT-LLM's gate: a fixed draft length until the mean share of drafted tokens accepted in the
 * last steps falls below a threshold, and no drafting from then on.
 *
 * <p>Source, read 2026-11 in the public repository of TensorRT-LLM 1.4: {@code
 * tensorrt_llm/_torch/speculative/speculation_gate.py}, class {@code SpeculationGate}, fed with
 * {@code accepted / drafted} of each iteration that drafted ({@code acceptance_rate_window_size},
 * {@code acceptance_rate_threshold}). Up to 1.2 the same class averaged the accepted tokens of
 * completed requests instead. It is that of one request by itself: a server pools the requests of
 * an iteration and stays off for all that follow, until it is started again.
 *
 * @param name as it was written
 * @param draftLength while it drafts
 * @param window steps of which the mean is taken
 * @param threshold share of drafted tokens, 0 … 1
 */
public record TrtThreshold(String name, Integer draftLength, int window, double threshold)
    implements DraftLengthPolicy {
  static final String NAME = "trt-threshold";

  public TrtThreshold {
    if (draftLength < 1) {
      throw new IllegalArgumentException("draft length " + draftLength + " must be at least 1");
    }
  }

  /**
   * @param written the name, alone for a window of 8 steps and a threshold of 0.5, which are those
   *     of its own tests: the release has no defaults and leaves the gate open
   * @throws IllegalArgumentException naming what is wrong with it
   */
  static TrtThreshold of(String written, int draftLength) {
    PolicyParameters parameters = new PolicyParameters(written, NAME + ":8,0.5", List.of());
    List<String> list = parameters.list();
    if (list.isEmpty()) {
      return new TrtThreshold(written, draftLength, 8, 0.5);
    }
    if (list.size() != 2) {
      throw parameters.wrong("has " + list.size() + " numbers, not a window and a threshold");
    }
    return new TrtThreshold(
        written,
        draftLength,
        parameters.whole(list.get(0), 1, 1000),
        parameters.number(list.get(1), 0, 1));
  }

  @Override
  public int initialLength() {
    return draftLength;
  }

  @Override
  public Memory start() {
    return new Drafting(this, List.of());
  }

  /**
   * @param shares of the last steps that drafted, oldest first
   */
  private record Drafting(TrtThreshold policy, List<Double> shares) implements Memory {
    @Override
    public int length() {
      return policy.draftLength;
    }

    @Override
    public Memory after(int drafted, int accepted) {
      if (drafted == 0) {
        return this;
      }
      List<Double> last = new ArrayList<>(shares);
      last.add((double) accepted / drafted);
      if (last.size() > policy.window) {
        last.remove(0);
      }
      double sum = 0;
      for (double share : last) {
        sum += share;
      }
      return last.size() == policy.window && sum / policy.window < policy.threshold
          ? new Off()
          : new Drafting(policy, last);
    }
  }

  /** For good. */
  private record Off() implements Memory {
    @Override
    public int length() {
      return 0;
    }

    @Override
    public Memory after(int drafted, int accepted) {
      return this;
    }
  }
}
