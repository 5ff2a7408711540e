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
import redraft.policy.FixedLength;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/**
 * Replays a trace under every combination of drafts, rules and draft lengths, in one reading of the
 * file. Sequences are replayed on all processors and handed on in the order of the file, so that
 * results do not depend on how many there are.
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
  private static final int CHUNK = 256; // sequences in memory at once

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
   * @param progress told from time to time how many sequences have been read
   */
  public Source run(Path trace, Consumer<Outcome> outcomes, LongConsumer progress)
      throws IOException {
    try (TraceReader reader = new TraceReader(trace)) {
      TraceHeader header = reader.header();
      List<Setting> settings = settings(header);
      List<Replayer> replayers = new ArrayList<>();
      for (Setting setting : settings) {
        replayers.add(new ExactReplay(new FixedLength(setting.draftLength), latency, batch, false));
      }
      List<TraceSequence> chunk = new ArrayList<>();
      do {
        chunk.clear();
        for (TraceSequence sequence; chunk.size() < CHUNK && (sequence = reader.next()) != null; ) {
          chunk.add(sequence);
        }
        chunk.parallelStream()
            .map(sequence -> replay(header, sequence, settings, replayers))
            .toList()
            .forEach(list -> list.forEach(outcomes));
        progress.accept(reader.sequences());
      } while (!chunk.isEmpty());
      if (reader.sequences() == 0) {
        throw new IllegalArgumentException(
            trace + " holds no complete sequence, so nothing can be replayed");
      }
      return new Source(header, reader.sequences(), reader.complete());
    }
  }

  private List<Outcome> replay(
      TraceHeader header,
      TraceSequence sequence,
      List<Setting> settings,
      List<Replayer> replayers) {
    boolean endKnown = sequence.finish() == TraceSequence.Finish.LENGTH;
    Map<Setting, Course> courses = new HashMap<>(); // by draft and rule
    List<Outcome> outcomes = new ArrayList<>(settings.size());
    for (int i = 0; i < settings.size(); i++) {
      Setting setting = settings.get(i);
      int draft = header.draftIndex(setting.draft);
      Course course =
          courses.computeIfAbsent(
              new Setting(setting.draft, setting.rule, 0),
              key ->
                  new Course(
                      new RuleLaw(setting.rule, RecordedPaths.of(sequence, draft)),
                      sequence.promptTokens().length,
                      endKnown));
      outcomes.add(
          new Outcome(
              setting,
              sequence.id(),
              sequence.domain(),
              DoubleStream.of(sequence.drafts().get(draft).overlap()).sum(),
              replayers.get(i).replay(course)));
    }
    return outcomes;
  }

  private List<Setting> settings(TraceHeader header) {
    List<String> names =
        drafts.isEmpty() ? header.drafts().stream().map(draft -> draft.name()).toList() : drafts;
    List<Setting> settings = new ArrayList<>();
    for (String draft : names) {
      header.draftIndex(draft); // or refuse it
      for (VerificationRule rule : rules) {
        for (int draftLength : draftLengths) {
          settings.add(new Setting(draft, rule, draftLength));
        }
      }
    }
    return settings;
  }
}
