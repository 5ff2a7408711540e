package redraft.draft;

import java.util.Arrays;

/**
 * Drafts without a model what most often followed the last tokens of the text where they stood
 * before: SuffixDecoding over the request's own text ({@link SuffixTree}). The more tokens match,
 * the more are drafted.
 *
 * <p>What is drafted does not depend on the draft length, which only cuts it: drafts of different
 * lengths begin alike, so that one replay serves them all. The release has a second tree of the
 * answers to other requests; here each text is replayed alone, whatever came before it.
 */
public final class SuffixLookup implements Drafter {
  /** The name on the command line and in reports. */
  public static final String NAME = "suffix";

  private final int vocabularySize;
  private final SuffixTree tree = new SuffixTree(SuffixTree.Limits.USUAL);

  public SuffixLookup(int vocabularySize) {
    this.vocabularySize = vocabularySize;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Proposal propose(int[] text, int length, int draftLength) {
    tree.follow(text, length);
    int[] draft = tree.draft();
    if (draft.length == 0) {
      return Proposal.EMPTY;
    }
    return Proposal.certain(
        Arrays.copyOf(draft, Math.min(draftLength, draft.length)), vocabularySize);
  }

  /** The drafts of a live drafter before each recorded token, from one pass over the text. */
  public static PromptLookup.Replay replay(int[] promptTokens, int[] tokens) {
    SuffixTree tree = new SuffixTree(SuffixTree.Limits.USUAL);
    tree.follow(promptTokens, promptTokens.length);
    int[] available = new int[tokens.length];
    int[] matched = new int[tokens.length];
    for (int t = 0; t < tokens.length; t++) {
      int[] draft = tree.draft();
      available[t] = draft.length;
      int mismatch = Arrays.mismatch(draft, 0, draft.length, tokens, t, tokens.length);
      matched[t] = mismatch == -1 ? draft.length : mismatch;
      tree.append(tokens[t]);
    }
    return new PromptLookup.Replay(available, matched);
  }
}
