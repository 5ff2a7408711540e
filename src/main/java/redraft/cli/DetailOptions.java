package redraft.cli;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  @Option(
      names = "--signals",
      description =
          "Record of each position how sure every draft is, for policies that stop on it: 'replay --policy p-min:0.6'. About 30 "
              + "bytes a position and draft before compression.")
  private boolean signals;

  @Option(
      names = "--rollouts",
      paramLabel = "[greedy:]K[:FRACTION]",
      split = ",",
      description =
          "Record what every draft goes on to write by itself from each position, up to K tokens, so that replay knows how many "
              + "tokens blocks had drafted that were rejected; with a fraction, from that share of the positions, which is right on "
              + "average all the same. greedy: its likeliest tokens, for rule greedy-draft; otherwise drawn, for the others. Goes with --signals. "
              + "Takes K - 1 draft passes for each position at which a chain leaves the text.")
  private List<String> rollouts = List.of();

  private static final Pattern ROLLOUTS =
      Pattern.compile("(greedy:)?([1-9]\\d{0,3})(?::([01]?\\.?\\d{1,17}))?");
  private static final int LONGEST = 1024;

  private static Detail.Rollouts rollouts(String text) {
    Matcher matcher = ROLLOUTS.matcher(text.strip());
    boolean right = matcher.matches();
    int length = right ? Integer.parseInt(matcher.group(2)) : 0;
    double fraction = right && matcher.group(3) != null ? Double.parseDouble(matcher.group(3)) : 1;
    if (length < 1 || length > LONGEST || fraction <= 0 || fraction > 1) {
      throw new IllegalArgumentException(
          "--rollouts "
              + text
              + " is not K, K:FRACTION or greedy:K, such as 8, 8:0.25 or greedy:8, with K from 1 to "
              + LONGEST
              + " and a fraction above 0 and at most 1");
    }
    return new Detail.Rollouts(matcher.group(1) != null, length, fraction);
  }

  Detail detail() {
    if (top < 1) {
      throw new IllegalArgumentException("--top-logits " + top + " must be at least 1");
    }
    List<Detail.Rollouts> chains = rollouts.stream().map(DetailOptions::rollouts).toList();
    if (chains.stream().map(Detail.Rollouts::greedy).distinct().count() < chains.size()) {
      throw new IllegalArgumentException(
          "--rollouts "
              + String.join(",", rollouts)
              + " names chains of one kind twice; name one length of them");
    }
    return new Detail(
        detail,
        top,
        ladders.stream().distinct().map(Ladder::named).toList(),
        signals || !chains.isEmpty(),
        chains);
  }
}
