package redraft.replay;

import java.util.LinkedHashMap;
import java.util.Map;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.DraftLengthPolicy.Memory;
import redraft.steps.StepSink;

/**
 * The exact expectation under a policy that remembers more than the length it asks for next: u_t of
 * {@link ExactReplay}, split by what is remembered. Memories that are equal are one, so that the
 * work goes with the different ones that can be met at a position. Of a draft that is certain there
 * is one; where it grows beyond all bounds, as averages of many outcomes do, it is refused.
 */
final class MemoryReplay implements Replayer {
  /** At one position: a second or so for a text of a hundred tokens. */
  static final int MOST_MEMORIES = 4096;

  private final DraftLengthPolicy policy;
  private final boolean histogram;

  MemoryReplay(DraftLengthPolicy policy, boolean histogram) {
    this.policy = policy;
    this.histogram = histogram;
  }

  /**
   * More is remembered than can be followed. It has no constructor for a cause, so that a parallel
   * stream hands it on as it is, with its one line.
   */
  private static final class TooManyMemories extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    TooManyMemories(String message) {
      super(message);
    }
  }

  @Override
  public void replay(ReplaySequence sequence, StepSink sink) {
    AcceptanceLaw law = sequence.law();
    int tokens = law.length();
    boolean catchesUp = sequence.catchesUp();
    @SuppressWarnings({"unchecked", "rawtypes"})
    Map<Memory, Double>[] start = new Map[tokens]; // [N]: u_t by memory, in the order met
    double[] survival = new double[tokens + 1];
    add(start, 0, policy.start(), 1, sequence);
    for (int t = 0; t < tokens; t++) {
      if (start[t] == null) {
        continue;
      }
      int left = tokens - t - 1; // tokens after the one that a step emits in any case
      int longest = start[t].keySet().stream().mapToInt(Memory::length).max().orElse(0);
      law.survival(t, Math.min(Math.min(longest, law.available(t)), left), survival);
      for (Map.Entry<Memory, Double> entry : start[t].entrySet()) {
        Memory memory = entry.getKey();
        double u = entry.getValue();
        int count = sequence.drafted(t, memory.length());
        sink.step(sequence.steps().apply(count), t, u);
        int most = Math.min(count, left);
        for (int k = 0; k <= most; k++) {
          double probability = u * (k < most ? survival[k] - survival[k + 1] : survival[k]);
          if (histogram) {
            sink.accepted(k, probability);
            if (k < most && probability > 0) {
              sink.rejected(k, t, probability);
            }
          }
          if (k < left && probability > 0) {
            add(start, t + k + 1, memory.after(count, k), probability, sequence);
          }
        }
        if (catchesUp && count > 0 && count < left) {
          sink.catchUp(t + count + 1, u * survival[count]);
        }
      }
      start[t] = null;
    }
  }

  private void add(
      Map<Memory, Double>[] start,
      int position,
      Memory memory,
      double probability,
      ReplaySequence sequence) {
    if (start[position] == null) {
      start[position] = new LinkedHashMap<>();
    }
    start[position].merge(memory, probability, Double::sum);
    if (start[position].size() > MOST_MEMORIES) {
      throw new TooManyMemories(
          "policy '"
              + policy.name()
              + "' can remember more than "
              + MOST_MEMORIES
              + " different things at token "
              + position
              + " of sequence '"
              + sequence.name()
              + "', too many for an exact expectation; draw timelines instead: --sampled 200");
    }
  }
}
