package redraft.decode;

import java.util.Arrays;
import redraft.model.LanguageModel;
import redraft.model.ModelException;

/** The committed tokens of one text while it is decoded: the prompt, then what was generated. */
final class Text {
  private final Limits limits;
  private final int promptLength;
  private final int limit; // most tokens, prompt included
  private boolean ended;
  final int[] tokens;
  int length;

  Text(LanguageModel model, int[] prompt, Limits limits) {
    if (prompt.length == 0) {
      throw new ModelException("the prompt is empty; give at least one token to continue from");
    }
    if (prompt.length >= model.contextLength()) {
      throw new ModelException(
          "the prompt has "
              + prompt.length
              + " tokens; the context of model '"
              + model.name()
              + "' is "
              + model.contextLength()
              + " and must leave room for at least one more");
    }
    if (prompt.length >= limits.maxTextTokens()) {
      throw new ModelException(
          "the prompt has "
              + prompt.length
              + " tokens; a text ends after "
              + limits.maxTextTokens()
              + ", which must leave room for at least one more");
    }
    this.limits = limits;
    promptLength = prompt.length;
    limit = limits.textLimit(model, prompt.length);
    tokens = Arrays.copyOf(prompt, limit);
    length = prompt.length;
  }

  /** Whether another token is to be generated. */
  boolean open() {
    return !ended && length < limit;
  }

  /** Tokens that may still be generated. */
  int room() {
    return limit - length;
  }

  /** Most tokens of this text, prompt included. */
  int limit() {
    return limit;
  }

  int generatedCount() {
    return length - promptLength;
  }

  void append(int token) {
    tokens[length++] = token;
    ended = limits.endTokens().contains(token);
  }

  boolean ended() {
    return ended;
  }

  int[] generated() {
    return Arrays.copyOfRange(tokens, promptLength, length);
  }
}
