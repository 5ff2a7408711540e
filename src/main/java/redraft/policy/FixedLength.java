package redraft.policy;

/**
 * The same draft length in every step.
 *
 * @param initialLength tokens drafted a step, at least 1
 */
public record FixedLength(int initialLength) implements DraftLengthPolicy {
  public FixedLength {
    if (initialLength < 1) {
      throw new IllegalArgumentException("draft length " + initialLength + " must be at least 1");
    }
  }

  @Override
  public String name() {
    return "fixed";
  }

  @Override
  public boolean fixed() {
    return true;
  }

  @Override
  public boolean monotone() {
    return true;
  }
}
