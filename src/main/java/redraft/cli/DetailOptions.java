package redraft.cli;

import java.util.List;
import picocli.CommandLine.Option;
import redraft.recording.Detail;
import redraft.trace.LogitDetail;
import redraft.verify.Ladder;

/** What a trace keeps of each position besides probabilities of its token. */
final class DetailOptions {
  @Option(
      names = "--logits",
      paramLabel = "none|top|all",
      defaultValue = "none",
      completionCandidates = Names.LogitDetails.class,
      description = "Raw logits kept at each position (default: ${DEFAULT-VALUE}).")
  private LogitDetail detail;

  @Option(
      names = "--top-logits",
      paramLabel = "N",
      defaultValue = "64",
      description = "How many for --logits top (default: ${DEFAULT-VALUE}).")
  private int top;

  @Option(
      names = "--ladder",
      paramLabel = "RULE:N",
      split = ",",
      completionCandidates = Names.Ladders.class,
      description =
          "Record of each position how often its token comes out as the first, …, N-th of N candidates drawn from the "
              + "draft, for 'replay --tree --rule RULE': ${COMPLETION-CANDIDATES}, such as iid:4,wor:4. Exact, but wor of more than 2, which is an "
              + "unbiased estimate (docs/theory.md).")
  private List<String> ladders = List.of();

  Detail detail() {
    if (top < 1) {
      throw new IllegalArgumentException("--top-logits " + top + " must be at least 1");
    }
    return new Detail(detail, top, ladders.stream().distinct().map(Ladder::named).toList());
  }
}
