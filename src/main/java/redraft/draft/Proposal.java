package redraft.draft;

import java.util.List;
import java.util.stream.IntStream;
import redraft.sampling.Distribution;

/**
 * Drafted tokens and the distributions they were drawn from.
 *
 * @param tokens [draftLength]
 * @param distributions [draftLength]: q at each drafted token, given the text and the drafted
 *     tokens before it
 */
public record Proposal(int[] tokens, List<Distribution> distributions) {
  /** Nothing drafted: the step is one of plain decoding. */
  public static final Proposal EMPTY = new Proposal(new int[0], List.of());

  /** Tokens that the draft proposes for certain. */
  static Proposal certain(int[] tokens, int vocabularySize) {
    return new Proposal(
        tokens,
        IntStream.of(tokens)
            .mapToObj(token -> Distribution.oneHot(token, vocabularySize))
            .toList());
  }

  public Proposal {
    if (tokens.length != distributions.size()) {
      throw new IllegalArgumentException(
          tokens.length + " drafted tokens with " + distributions.size() + " distributions");
    }
  }

  public int length() {
    return tokens.length;
  }
}
