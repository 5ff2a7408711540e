package redraft.draft;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Drafts without a model: finds where the last few tokens stood before in the text and proposes
 * what followed them there.
 *
 * <p><a href="https://github.com/apoorvumang/prompt-lookup-decoding">Saxena 2023, prompt lookup
 * decoding</a>. The longest n-gram that occurs earlier decides, and of its occurrences the
 * earliest: what Hugging Face's and vLLM's n-gram drafters do, so that replay predicts theirs. The
 * latest would be fresher, but in a text that repeats itself has the fewest tokens after it.
 */
public final class PromptLookup implements Drafter {
  /** The name on the command line and in reports. */
  public static final String NAME = "prompt-lookup";

  private static final int LONGEST = 3;
  private static final int SHORTEST = 1;

  private final int vocabularySize;
  private final int longest;
  private final int shortest;

  /**
   * What a lookup at each position of a recorded text drafts when no draft length limits it.
   *
   * @param available [tokens]: drafted tokens, fewer where the copied text runs out, 0 without a
   *     match
   * @param matched [tokens]: how many of them, from the first, are the recorded tokens
   */
  public record Replay(int[] available, int[] matched) {}

  /** Looks for n-grams of 3 tokens, then 2, then 1. */
  public PromptLookup(int vocabularySize) {
    this(vocabularySize, LONGEST, SHORTEST);
  }

  /**
   * @param longest the n-gram length tried first
   * @param shortest the n-gram length tried last, at least 1
   */
  public PromptLookup(int vocabularySize, int longest, int shortest) {
    requireLengths(longest, shortest);
    this.vocabularySize = vocabularySize;
    this.longest = longest;
    this.shortest = shortest;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Proposal propose(int[] text, int length, int draftLength) {
    int from = find(text, length);
    if (from == -1) {
      return Proposal.EMPTY;
    }
    int[] tokens = Arrays.copyOfRange(text, from, from + Math.min(draftLength, length - from));
    return Proposal.certain(tokens, vocabularySize);
  }

  /** Where the text goes on after the earliest occurrence of its longest known end, or −1. */
  private int find(int[] text, int length) {
    for (int n = Math.min(longest, length - 1); n >= shortest; n--) {
      for (int end = n; end < length; end++) {
        if (Arrays.equals(text, end - n, end, text, length - n, length)) {
          return end;
        }
      }
    }
    return -1;
  }

  /** As {@link #replay(int[], int[], int, int)} with the usual n-gram lengths. */
  public static Replay replay(int[] promptTokens, int[] tokens) {
    return replay(promptTokens, tokens, LONGEST, SHORTEST);
  }

  /**
   * The drafts of a live lookup before each recorded token, from one pass over the text.
   *
   * <p>A dictionary of n-grams holds the end of each one's first occurrence. An n-gram is looked up
   * as the first end of its first n − 1 tokens, which stands for them, and its last token. O(length
   * · longest) look-ups, and as many comparisons as tokens match.
   */
  public static Replay replay(int[] promptTokens, int[] tokens, int longest, int shortest) {
    requireLengths(longest, shortest);
    int prompt = promptTokens.length;
    int[] text = Arrays.copyOf(promptTokens, prompt + tokens.length);
    System.arraycopy(tokens, 0, text, prompt, tokens.length);
    List<Map<Long, Integer>> firstEnds = new ArrayList<>(); // [longest], n-grams by n − 1
    for (int n = 1; n <= longest; n++) {
      firstEnds.add(new HashMap<>());
    }
    int[] firstEnd = new int[longest + 1]; // [n] of the n-gram that ends the text so far
    int[] available = new int[tokens.length];
    int[] matched = new int[tokens.length];
    for (int length = 1; length < text.length; length++) {
      int from = -1;
      // Downwards: firstEnd[n − 1] is still that of the n-gram's own beginning, one token back.
      for (int n = Math.min(longest, length); n >= 1; n--) {
        long key = (long) firstEnd[n - 1] << 32 | text[length - 1] & 0xffffffffL;
        Integer known = firstEnds.get(n - 1).putIfAbsent(key, length);
        firstEnd[n] = known == null ? length : known;
        if (from == -1 && n >= shortest && known != null) {
          from = known;
        }
      }
      if (from != -1 && length >= prompt) {
        int position = length - prompt;
        available[position] = length - from;
        int mismatch = Arrays.mismatch(text, from, length, text, length, text.length);
        matched[position] = mismatch == -1 ? length - from : mismatch;
      }
    }
    return new Replay(available, matched);
  }

  private static void requireLengths(int longest, int shortest) {
    if (shortest < 1 || longest < shortest) {
      throw new IllegalArgumentException(
          "n-grams of "
              + shortest
              + " to "
              + longest
              + " tokens cannot be looked up; the shortest must be at least 1, the longest no shorter");
    }
  }
}
