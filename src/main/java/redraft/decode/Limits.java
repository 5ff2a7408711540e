package redraft.decode;

import java.util.Set;
import redraft.model.LanguageModel;

/**
 * Where decoding stops.
 *
 * @param maxNewTokens most tokens to generate; the model's context may allow fewer
 * @param maxTextTokens most tokens of a text, prompt included
 * @param endTokens generating one of them ends the text; it is part of the result
 */
public record Limits(int maxNewTokens, int maxTextTokens, Set<Integer> endTokens) {
  public Limits {
    if (maxNewTokens < 1) {
      throw new IllegalArgumentException("max new tokens " + maxNewTokens + " must be at least 1");
    }
    endTokens = Set.copyOf(endTokens);
  }

  /** Limits of texts that may fill the context. */
  public Limits(int maxNewTokens, Set<Integer> endTokens) {
    this(maxNewTokens, Integer.MAX_VALUE, endTokens);
  }

  /** These limits, and the context of that model too. */
  public Limits within(LanguageModel model) {
    return new Limits(maxNewTokens, Math.min(maxTextTokens, model.contextLength()), endTokens);
  }

  /** Most tokens of a text of that model which begins with a prompt of that length. */
  int textLimit(LanguageModel model, int promptLength) {
    int context = Math.min(maxTextTokens, model.contextLength());
    return (int) Math.min(context, (long) promptLength + maxNewTokens);
  }
}
