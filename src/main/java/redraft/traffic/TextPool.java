package redraft.traffic;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import redraft.traffic.arrivals.Lengths;

/**
 * The recorded texts that requests follow. A request that brings no lengths has those of its text;
 * one that does follows a text of about its length, and from its beginning again where it is
 * longer.
 */
public final class TextPool implements Lengths {
  private static final int NEAREST = 8; // texts among which one is drawn

  private final List<RecordedText> texts; // by length
  private final Draws draws;
  private final boolean ownLengths;

  /**
   * @param ownLengths whether requests have the lengths of their texts
   */
  public TextPool(List<RecordedText> texts, long seed, boolean ownLengths) {
    if (texts.isEmpty()) {
      throw new IllegalArgumentException("no recorded text to follow");
    }
    this.texts = new ArrayList<>(texts);
    this.texts.sort(
        Comparator.comparingInt(RecordedText::tokens).thenComparing(RecordedText::name));
    this.ownLengths = ownLengths;
    draws = new Draws(seed);
  }

  /** The text of a request. */
  RecordedText of(long request, int outputTokens) {
    double uniform = draws.uniform(request, -1);
    if (ownLengths) {
      return texts.get((int) (uniform * texts.size()));
    }
    int low = 0;
    int high = Math.min(NEAREST, texts.size());
    while (high < texts.size()
        && texts.get(high).tokens() - outputTokens < outputTokens - texts.get(low).tokens()) {
      low++;
      high++;
    }
    return texts.get(low + (int) (uniform * (high - low)));
  }

  @Override
  public int promptTokens(long request) {
    return of(request, 0).promptTokens();
  }

  @Override
  public int outputTokens(long request) {
    return of(request, 0).tokens();
  }
}
