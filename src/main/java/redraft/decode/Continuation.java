package redraft.decode;

import java.util.List;
import redraft.steps.Step;

/**
 * What decoding made of one prompt.
 *
 * @param tokens the generated ones; an end token is the last
 * @param ended whether an end token ended the text, rather than the limit
 * @param steps of speculative decoding; empty for plain decoding
 * @param decodeNanos wall time of the decoding loop, without prefill
 */
public record Continuation(int[] tokens, boolean ended, List<Step> steps, long decodeNanos) {
  /** Tokens drafted in all steps. */
  public int drafted() {
    return steps.stream().mapToInt(Step::draftLength).sum();
  }

  /** Drafted tokens accepted in all steps. */
  public int accepted() {
    return steps.stream().mapToInt(Step::acceptedCount).sum();
  }
}
