package redraft.recording;

import java.util.List;
import redraft.trace.LogitDetail;
import redraft.verify.Ladder;

/**
 * What a recording keeps of each position besides what every trace has.
 *
 * @param topLogits how many logits for {@link LogitDetail#TOP}
 * @param ladders of several sampled candidates
 */
public record Detail(LogitDetail logits, int topLogits, List<Ladder> ladders) {
  /** No more than every trace has. */
  public static final Detail NONE = new Detail(LogitDetail.NONE, 0);

  public Detail {
    ladders = List.copyOf(ladders);
  }

  public Detail(LogitDetail logits, int topLogits) {
    this(logits, topLogits, List.of());
  }
}
