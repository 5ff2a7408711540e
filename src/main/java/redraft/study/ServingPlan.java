package redraft.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import redraft.replay.ReplayDraft;
import redraft.replay.SequenceSource;
import redraft.trace.TraceSequence;
import redraft.traffic.RecordedText;
import redraft.traffic.ServingSetting;
import redraft.verify.VerificationRule;

/**
 * The ways to serve that a grid gives on a trace, plain decoding first.
 *
 * @param notes what a reader should know of them, a line each
 */
public record ServingPlan(List<ServingSetting> settings, List<String> notes) {
  /** What a trace says of a draft under a rule. */
  private record Way(ReplayDraft draft, VerificationRule rule) {}

  /**
   * Reads the whole trace; what it says of drafts stays in memory.
   *
   * @param grid whose policies say the draft lengths
   * @param policies by name, see {@link redraft.traffic.ServingSetting}; none for plain decoding
   *     alone
   * @param progress told how many sequences have been read
   */
  public static ServingPlan of(
      SequenceSource source, Grid grid, List<String> policies, LongConsumer progress)
      throws IOException {
    Grid.Plan plan = grid.on(source);
    List<Integer> lengths = grid.draftLengths();
    int longest = lengths.get(lengths.size() - 1);
    int asked =
        policies.stream()
            .mapToInt(policy -> ServingSetting.longest(policy, longest))
            .max()
            .orElse(1);
    Map<Way, List<RecordedText>> texts = texts(source, plan, asked, progress);
    List<ServingSetting> settings = new ArrayList<>();
    settings.add(ServingSetting.plain(texts.values().iterator().next()));
    texts.forEach(
        (way, recorded) -> {
          for (String policy : policies) {
            for (int length : ServingSetting.byLength(policy) ? lengths : List.of(longest)) {
              settings.add(new ServingSetting(way.draft, way.rule, policy, length, recorded));
            }
          }
        });
    return new ServingPlan(settings, plan.notes());
  }

  private static Map<Way, List<RecordedText>> texts(
      SequenceSource source, Grid.Plan plan, int longest, LongConsumer progress)
      throws IOException {
    Map<Way, List<RecordedText>> texts = new LinkedHashMap<>();
    for (TraceSequence sequence = source.next(); sequence != null; sequence = source.next()) {
      for (ReplayDraft draft : plan.drafts()) {
        if (draft.refusal(sequence) != null) {
          throw new IllegalArgumentException(draft.refusal(sequence));
        }
        for (VerificationRule rule : plan.rules()) {
          if (sequence.length() > sequence.decodeFrom()) {
            texts
                .computeIfAbsent(new Way(draft, rule), key -> new ArrayList<>())
                .add(
                    new RecordedText(
                        draft.sequence(sequence, rule), longest, draft.largest(sequence, rule)));
          }
        }
      }
      progress.accept(source.sequences());
    }
    if (texts.isEmpty()) {
      throw new IllegalArgumentException(source.name() + " holds no text that requests can follow");
    }
    return texts;
  }
}
