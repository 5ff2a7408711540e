package redraft.decode;

import java.util.Set;

/**
 * Where decoding stops.
 *
 * @param maxNewTokens most tokens to generate; the model's context may allow fewer
 * @param endTokens generating one of them ends the text; it is part of the result
 */
public record Limits(int maxNewTokens, Set<Integer> endTokens) {
  public Limits {
    if (maxNewTokens < 1) {
      throw new IllegalArgumentException("max new tokens " + maxNewTokens + " must be at least 1");
    }
    endTokens = Set.copyOf(endTokens);
  }
}
