package redraft.policy;

/**
 * The bound on every choice of draft length while a draft pass costs no more than a target pass:
 * each step drafts exactly the tokens that will be accepted, however many.
 */
public record Oracle() implements DraftLengthPolicy {
  @Override
  public String name() {
    return "oracle";
  }

  @Override
  public Integer draftLength() {
    return null;
  }

  @Override
  public int initialLength() {
    throw unasked();
  }

  private static IllegalArgumentException unasked() {
    return new IllegalArgumentException(
        "the oracle is a bound in expectation; it has no sampled timelines and no live runs");
  }

  @Override
  public boolean foresees() {
    return true;
  }

  @Override
  public boolean monotone() {
    return true;
  }
}
