package redraft.timeline;

/**
 * One step of speculative decoding: {@code draftLength} tokens drafted from {@code position}, the
 * first {@code acceptedCount} of them kept, one more token emitted. Of a block that meets the end
 * of the text only the drafts before the last token count.
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
