package redraft.replay;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import redraft.json.LineException;
import redraft.latency.Deployment;
import redraft.policy.DraftLengthPolicy;
import redraft.steps.StepLog;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/**
 * Replays sequences under every combination of settings, in one reading. Each way to decode is
 * replayed once, whatever the number of deployments that its steps are to cost under. Sequences are
 * replayed on all processors and handed on in their order, so that results do not depend on how
 * many processors there are.
 */
public final class TraceReplay {
  private static final int CHUNK = 64; // sequences in memory at once, with their steps
  private static final long CHUNK_EVENTS = 2_000_000; // of these, about: 32 MB

  private final ReplayOptions options;
  private final List<ReplayDraft> drafts;
  private final List<Setting> settings = new ArrayList<>();

  /**
   * One sequence under one setting.
   *
   * @param log of the steps; shared by the settings that differ in their deployment only
   * @param bounds null where it is no estimate
   */
  public record Outcome(
      Setting setting, Text text, Expectation expectation, StepLog log, Cost cost, Bounds bounds) {}

  /**
   * The sequence of an outcome.
   *
   * @param id of its prompt
   * @param positions generated tokens
   * @param overlapSum Σ over positions of Σ_v min(p, q); NaN where it is not known
   * @param sequence that was replayed
   */
  public record Text(
      String id, String domain, int positions, double overlapSum, ReplaySequence sequence) {
    /** The same under another law. */
    Text with(AcceptanceLaw law) {
      return new Text(id, domain, positions, overlapSum, sequence.with(law));
    }
  }

  /** Replay with the least and with the greatest acceptances that an estimate leaves open. */
  public record Bounds(Expectation low, Cost lowCost, Expectation high, Cost highCost) {}

  /**
   * What was read.
   *
   * @param complete whether the trace has its footer; otherwise the recording was cut after these
   *     sequences
   * @param domain of all of it; {@code all} for several
   * @param sampledTexts whether the texts are samples, so that others could have been drawn
   */
  public record Source(
      String name,
      String domain,
      TraceHeader header,
      long sequences,
      boolean complete,
      boolean sampledTexts) {}

  /**
   * @param drafts of the source that is to be replayed
   */
  public TraceReplay(ReplayOptions options, List<ReplayDraft> drafts) {
    this.options = options;
    this.drafts = List.copyOf(drafts);
    for (ReplayDraft draft : drafts) {
      for (Deployment deployment : options.deployments()) {
        for (VerificationRule rule : options.rules()) {
          for (DraftLengthPolicy policy : options.policies()) {
            settings.add(new Setting(draft, rule, policy, deployment));
          }
        }
      }
    }
  }

  /** Reads everything that is left of the source, without telling of progress. */
  public Source run(SequenceSource source, Consumer<Outcome> outcomes) throws IOException {
    return run(source, outcomes, sequences -> {});
  }

  /**
   * Reads everything that is left of the source.
   *
   * @param outcomes told of every sequence under every setting
   * @param progress told from time to time how many sequences have been read
   */
  public Source run(SequenceSource source, Consumer<Outcome> outcomes, LongConsumer progress)
      throws IOException {
    return source.answer(List.of(new Question(this, outcomes)), progress);
  }

  private ReplayRun on(TraceHeader header) {
    return new ReplayRun(header, options, drafts, settings);
  }

  /** Settings to replay, and what is told of their outcomes. */
  public record Question(TraceReplay replay, Consumer<Outcome> outcomes) {
    /** That outcomes are of, in their order. */
    public List<Setting> settings() {
      return replay.settings;
    }

    /** The same settings, of which another is told. */
    public Question to(Consumer<Outcome> other) {
      return new Question(replay, other);
    }
  }

  /**
   * Answers several questions in one reading of everything that is left of the source.
   *
   * @param sequences told of every sequence
   * @param progress told from time to time how many sequences have been read
   */
  public static Source run(
      SequenceSource source,
      List<Question> questions,
      Consumer<TraceSequence> sequences,
      LongConsumer progress)
      throws IOException {
    return requireSome(part(source, questions, sequences, progress));
  }

  /**
   * @throws LineException if nothing was read
   */
  public static Source requireSome(Source read) {
    if (read.sequences() == 0) {
      throw new LineException(read.name(), 2, "no complete sequence, so nothing can be replayed");
    }
    return read;
  }

  /** The same of a file of many, which may hold nothing. */
  public static Source part(
      SequenceSource source,
      List<Question> questions,
      Consumer<TraceSequence> sequences,
      LongConsumer progress)
      throws IOException {
    TraceHeader header = source.header();
    List<ReplayRun> runs = questions.stream().map(question -> question.replay.on(header)).toList();
    List<TraceSequence> chunk = new ArrayList<>();
    do {
      chunk.clear();
      long events = 0;
      for (TraceSequence sequence;
          chunk.size() < CHUNK && events < CHUNK_EVENTS && (sequence = source.next()) != null; ) {
        for (ReplayRun run : runs) {
          run.check(sequence);
          events += run.events(sequence);
        }
        sequences.accept(sequence);
        chunk.add(sequence);
      }
      for (int i = 0; i < runs.size(); i++) {
        runs.get(i).replay(chunk, questions.get(i).outcomes);
      }
      progress.accept(source.sequences());
    } while (!chunk.isEmpty());
    return new Source(
        source.name(),
        source.domain(),
        header,
        source.sequences(),
        source.complete(),
        source.sampled());
  }
}
