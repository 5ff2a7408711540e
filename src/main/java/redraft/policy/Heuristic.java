package redraft.policy;

/**
 * A draft length that follows success: two more after a step whose drafted tokens were all
 * accepted, otherwise one fewer, at least 1. Hugging Face Transformers' schedule {@code heuristic}
 * of assisted generation, which starts at 5 unless told otherwise.
 *
 * <p>A step that could draft nothing leaves the length as it is.
 *
 * @param initialLength tokens drafted in the first step, at least 1
 */
public record Heuristic(int initialLength) implements DraftLengthPolicy {
  public Heuristic {
    if (initialLength < 1) {
      throw new IllegalArgumentException("draft length " + initialLength + " must be at least 1");
    }
  }

  /** Hugging Face's start. */
  public Heuristic() {
    this(5);
  }

  @Override
  public String name() {
    return "heuristic";
  }

  @Override
  public int nextLength(int length, int drafted, int accepted) {
    if (drafted == 0) {
      return length;
    }
    return accepted == drafted ? length + 2 : Math.max(1, length - 1);
  }
}
