package redraft.recording;

import java.util.List;
import redraft.model.LanguageModel;
import redraft.trace.LogitDetail;
import redraft.trace.Signals;
import redraft.verify.Ladder;

/**
 * What a recording keeps of each position besides what every trace has.
 *
 * @param topLogits how many logits for {@link LogitDetail#TOP}
 * @param ladders of several sampled candidates
 * @param signals whether to say how sure drafts are
 * @param rollouts chains of the drafts, which go with signals
 */
public record Detail(
    LogitDetail logits,
    int topLogits,
    List<Ladder> ladders,
    boolean signals,
    List<Rollouts> rollouts) {
  /** No more than every trace has. */
  public static final Detail NONE = new Detail(LogitDetail.NONE, 0);

  public Detail {
    ladders = List.copyOf(ladders);
    rollouts = List.copyOf(rollouts);
  }

  public Detail(LogitDetail logits, int topLogits) {
    this(logits, topLogits, List.of(), false, List.of());
  }

  /**
   * What a draft goes on to write by itself from every position.
   *
   * @param greedy whether it takes its likeliest token each time, as rule greedy-draft has it
   * @param length most tokens, from 1 to 1024
   * @param fraction of the positions where a chain that leaves the path is followed further
   */
  public record Rollouts(boolean greedy, int length, double fraction) {
    /** The name of what is drawn. */
    String drawn() {
      return greedy ? Signals.GREEDY : Signals.SAMPLED;
    }
  }

  /**
   * Checks that all of this can be kept of a draft.
   *
   * @throws IllegalArgumentException if it has heads, of which a trace keeps less
   */
  void requireFit(LanguageModel draft) {
    String option = null;
    String why = null;
    if (!ladders.isEmpty()) {
      option = "--ladder";
      why = "of whose candidates a trace keeps no ladder";
    } else if (logits != LogitDetail.NONE) {
      option = "--logits";
      why = "whose logits a trace does not keep";
    } else if (signals) {
      option = "--signals and --rollouts";
      why = "which draft a block in one pass and stop nowhere within it";
    }
    if (draft.heads() > 1 && why != null) {
      throw new IllegalArgumentException(
          "draft '"
              + draft.name()
              + "' has "
              + draft.heads()
              + " heads, "
              + why
              + "; record it without "
              + option
              + ", or name other drafts");
    }
  }
}
