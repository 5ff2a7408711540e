package redraft.replay;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.DoubleStream;
import redraft.latency.LatencyModel;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.verify.RecordedPath;
import redraft.verify.VerificationRule;

/**
 * Replays a trace under every combination of drafts, rules and draft lengths, in one reading of the
 * file.
 *
 * @param drafts names in the trace's header; empty for all of them
 * @param batch sequences decoded together
 */
public record TraceReplay(
    List<String> drafts,
    List<VerificationRule> rules,
    List<Integer> draftLengths,
    LatencyModel latency,
    int batch) {

  /** One draft under one rule at one draft length. */
  public record Setting(String draft, VerificationRule rule, int draftLength) {}

  /**
   * One sequence under one setting.
   *
   * @param overlapSum Σ over positions of Σ_v min(p, q)
   */
  public record Outcome(
      Setting setting, String id, String domain, double overlapSum, Expectation expectation) {}

  /**
   * What was read.
   *
   * @param complete whether the trace has its footer; otherwise the recording was cut after these
   *     sequences
   */
  public record Source(TraceHeader header, long sequences, boolean complete) {}

  /**
   * @param outcomes told of every sequence under every setting
   * @param progress told after each sequence how many have been read
   */
  public Source run(Path trace, Consumer<Outcome> outcomes, LongConsumer progress)
      throws IOException {
    try (TraceReader reader = new TraceReader(trace)) {
      TraceHeader header = reader.header();
      List<Setting> settings = settings(header);
      List<ExactReplay> replays =
          settings.stream()
              .map(s -> new ExactReplay(s.rule, s.draftLength, latency, batch))
              .toList();
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        Map<String, RecordedPath> paths = new HashMap<>();
        for (int i = 0; i < replays.size(); i++) {
          Setting setting = settings.get(i);
          int draft = header.draftIndex(setting.draft);
          RecordedPath path = paths.get(setting.draft);
          if (path == null) {
            path = RecordedPaths.of(sequence, draft);
            paths.put(setting.draft, path);
          }
          outcomes.accept(
              new Outcome(
                  setting,
                  sequence.id(),
                  sequence.domain(),
                  DoubleStream.of(sequence.drafts().get(draft).overlap()).sum(),
                  replays.get(i).expect(path, sequence.promptTokens().length)));
        }
        progress.accept(reader.sequences());
      }
      if (reader.sequences() == 0) {
        throw new IllegalArgumentException(
            trace + " holds no complete sequence, so nothing can be replayed");
      }
      return new Source(header, reader.sequences(), reader.complete());
    }
  }

  private List<Setting> settings(TraceHeader header) {
    List<String> names =
        drafts.isEmpty() ? header.drafts().stream().map(draft -> draft.name()).toList() : drafts;
    List<Setting> settings = new ArrayList<>();
    for (String draft : names) {
      for (VerificationRule rule : rules) {
        for (int draftLength : draftLengths) {
          settings.add(new Setting(draft, rule, draftLength));
        }
      }
    }
    return settings;
  }
}
