package redraft.traffic;

import java.util.List;
import redraft.replay.ReplayDraft;
import redraft.verify.VerificationRule;

/**
 * One way to serve: plain decoding, or a draft under a rule with draft lengths by a policy.
 *
 * @param draft null for plain decoding, and so are rule and policy
 * @param policy by its name
 * @param draftLength of every step, or the longest that the policy takes
 * @param texts what the trace says of this draft under this rule; of plain decoding, the texts
 *     alone
 */
public record ServingSetting(
    ReplayDraft draft,
    VerificationRule rule,
    String policy,
    int draftLength,
    List<RecordedText> texts) {
  private static final int LONGEST_ADAPTIVE = 32;

  public ServingSetting {
    texts = List.copyOf(texts);
    if (draft != null) {
      if (draft.ahead()) {
        throw new IllegalArgumentException(
            "draft '" + draft.name() + "' works beside the target, which traffic does not follow");
      }
      LoadPolicies.check(policy, draftLength);
      if (policy.equals(AdaptiveVerification.NAME) && draft.tree() != null) {
        throw new IllegalArgumentException(
            "policy '" + policy + "' ranks the tokens of chains; leave out the tree");
      }
      if (policy.equals(AdaptiveVerification.NAME)
          && !texts.stream().allMatch(RecordedText::saysHowSure)) {
        throw new IllegalArgumentException(
            "policy '"
                + policy
                + "' ranks drafted tokens by how sure the draft is, which this trace does not say of draft '"
                + draft.name()
                + "'; record it with --signals");
      }
    }
  }

  /**
   * Plain decoding.
   *
   * @param texts empty where requests bring their lengths
   */
  public static ServingSetting plain(List<RecordedText> texts) {
    return new ServingSetting(null, null, null, 0, texts);
  }

  /** Whether nothing is drafted. */
  public boolean plain() {
    return draft == null;
  }

  /**
   * The longest draft that a policy may ask for.
   *
   * @param draftLength that was asked for
   */
  public static int longest(String policy, int draftLength) {
    return policy.equals("fixed")
            || policy.equals("goodput")
            || policy.equals(AdaptiveVerification.NAME)
            || policy.startsWith("off-above")
        ? draftLength
        : Math.max(draftLength, LONGEST_ADAPTIVE);
  }

  /** Whether a policy is another one for every draft length. */
  public static boolean byLength(String policy) {
    return policy.equals("fixed")
        || policy.equals(AdaptiveVerification.NAME)
        || policy.startsWith("off-above");
  }
}
