package redraft.steps;

/**
 * One step of speculative decoding: {@code draftLength} tokens drafted from {@code position}, the
 * first {@code acceptedCount} of them kept, one more token emitted. The last token of a text counts
 * as that one more token even where it was drafted; drafts past it count as drafted.
 *
 * @param position 0-based index of the step's first token among the generated ones
 */
public record Step(int position, int draftLength, int acceptedCount) {
  public Step {
    if (position < 0 || acceptedCount < 0 || acceptedCount > draftLength) {
      throw new IllegalArgumentException(
          "accepted "
              + acceptedCount
              + " of "
              + draftLength
              + " drafted tokens at position "
              + position);
    }
  }

  /** Accepted tokens and the one recovered or bonus token. */
  public int emittedCount() {
    return acceptedCount + 1;
  }
}
