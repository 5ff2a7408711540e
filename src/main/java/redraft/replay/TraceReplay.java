package redraft.replay;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import redraft.latency.Deployment;
import redraft.latency.StepCosts;
import redraft.policy.DraftLengthPolicy;
import redraft.sampling.RandomStreams;
import redraft.steps.StepLog;
import redraft.json.LineException;
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
  private static final int CHUNK = 64; // sequences in memory at once

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
      Setting setting,
      Text text,
      Expectation expectation,
      StepLog log,
      Cost cost,
      Bounds bounds) {}

  /**
   * The sequence of an outcome.
   *
   * @param id of its prompt
   * @param positions generated tokens
   * @param overlapSum Σ over positions of Σ_v min(p, q); NaN where it is not known
   * @param sequence that was replayed
   */
  public record Text(
      String id, String domain, int positions, double overlapSum, ReplaySequence sequence) {}

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

  /** Of every sequence's outcomes, in that order. */
  public List<Setting> settings() {
    return List.copyOf(settings);
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
    return run(source, List.of(new Question(this, outcomes)), sequence -> {}, progress);
  }

  /** Settings to replay, and what is told of their outcomes. */
  public record Question(TraceReplay replay, Consumer<Outcome> outcomes) {}

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
    TraceHeader header = source.header();
    List<Run> runs = questions.stream().map(question -> question.replay.new Run(header)).toList();
    List<TraceSequence> chunk = new ArrayList<>();
    do {
      chunk.clear();
      for (TraceSequence sequence; chunk.size() < CHUNK && (sequence = source.next()) != null; ) {
        for (Run run : runs) {
          run.check(sequence);
        }
        sequences.accept(sequence);
        chunk.add(sequence);
      }
      for (int i = 0; i < runs.size(); i++) {
        Consumer<Outcome> outcomes = questions.get(i).outcomes;
        chunk.parallelStream()
            .map(runs.get(i)::replay)
            .toList()
            .forEach(list -> list.forEach(outcomes));
      }
      progress.accept(source.sequences());
    } while (!chunk.isEmpty());
    if (source.sequences() == 0) {
      throw new LineException(
          source.name(), 2, "no complete sequence, so nothing can be replayed");
    }
    return new Source(
        source.name(),
        source.domain(),
        header,
        source.sequences(), source.complete(), source.sampled());
  }

  /** The replay of one source. */
  private final class Run {
    private final TraceHeader header;
    private final boolean estimates;
    private final List<Replayer> replayers;
    private final List<StepCosts> costs;

    Run(TraceHeader header) {
      this.header = header;
      estimates = options.estimates(header);
      for (ReplayDraft draft : drafts) {
        for (VerificationRule rule : options.rules()) {
          if (draft.refusal(rule) != null) {
            throw new IllegalArgumentException(draft.refusal(rule));
          }
        }
      }
      replayers = options.policies().stream().map(this::replayer).toList();
      costs =
          options.deployments().stream()
              .map(deployment -> new StepCosts(deployment, options.temperatureOf(header)))
              .toList();
    }

    /** Refuses while reading: an exception would leave the parallel replay wrapped in another. */
    void check(TraceSequence sequence) {
      if (estimates) {
        TemperatureEstimate.check(header, sequence, options, drafts);
      }
    }

    private Replayer replayer(DraftLengthPolicy policy) {
      return options.timelines() == 0
          ? new ExactReplay(policy, options.histogram())
          : new SampledReplay(policy, options.timelines(), new RandomStreams(options.seed()));
    }

    List<Outcome> replay(
        TraceSequence sequence) {
      List<Outcome> outcomes = new ArrayList<>(settings.size());
      for (ReplayDraft draft : drafts) {
        TemperatureEstimate estimate =
            estimates ? draft.estimate(sequence, options.temperature()) : null;
        double overlapSum = estimate == null ? draft.overlapSum(sequence) : estimate.overlapSum();
        Map<Integer, double[]> baselines = new HashMap<>(); // [deployments], by tokens to commit
        List<Text> texts = new ArrayList<>(); // [rules]
        List<List<Replayed>> replayed = new ArrayList<>(); // [rules][policies]
        for (VerificationRule rule : options.rules()) {
          AcceptanceLaw law =
              estimate == null
                  ? draft.law(sequence, rule)
                  : estimate.law(rule, sequence.decodeFrom());
          ReplaySequence seen = draft.sequence(sequence, law);
          double[] baseline =
              baselines.computeIfAbsent(law.length(), tokens -> baseline(seen));
          texts.add(
              new Text(
                  sequence.id(), sequence.domain(), draft.positions(sequence), overlapSum, seen));
          replayed.add(
              replayers.stream().map(each -> replay(each, seen, baseline)).toList());
        }
        for (int d = 0; d < costs.size(); d++) { // in the order of the settings
          for (int r = 0; r < texts.size(); r++) {
            for (Replayed one : replayed.get(r)) {
              outcomes.add(
                  new Outcome(
                      settings.get(outcomes.size()),
                      texts.get(r),
                      one.expectation,
                      one.log,
                      one.costs.get(d),
                      one.bounds(d)));
            }
          }
        }
      }
      return outcomes;
    }

    /**
     * A sequence under one way to decode.
     *
     * @param costs [deployments]
     * @param low with the least acceptances of an estimate; null where it is none, and so is high
     */
    private record Replayed(
        Expectation expectation, StepLog log, List<Cost> costs, Replayed low, Replayed high) {
      Bounds bounds(int deployment) {
        return low == null
            ? null
            : new Bounds(
                low.expectation,
                low.costs.get(deployment),
                high.expectation,
                high.costs.get(deployment));
      }
    }

    private Replayed replay(
        Replayer replayer, ReplaySequence sequence, double[] baseline) {
      StepLog log = new StepLog();
      Expectation expectation = Expectation.NOTHING;
      if (sequence.tokens() > 0) {
        replayer.replay(sequence, log);
        expectation =
            options.timelines() == 0
                ? Expectation.of(sequence.tokens(), log)
                : Expectation.ofRuns(sequence.tokens(), log);
      }
      List<Cost> each = new ArrayList<>(costs.size());
      for (int d = 0; d < costs.size(); d++) {
        double[] times =
            log.costs(costs.get(d).of(sequence.promptTokens(), sequence.decodeFrom()));
        each.add(
            new Cost(
                Arrays.stream(times).sum() / times.length,
                baseline[d],
                costs.get(d).prefill(sequence.promptTokens()),
                options.timelines() == 0 ? null : times));
      }
      if (!(sequence.law() instanceof EstimatedLaw estimate)) {
        return new Replayed(expectation, log, each, null, null);
      }
      return new Replayed(
          expectation,
          log,
          each,
          replay(replayer, sequence.with(estimate.lowest()), baseline),
          replay(replayer, sequence.with(estimate.highest()), baseline));
    }

    /** [deployments]: what plain decoding of the sequence costs. */
    private double[] baseline(ReplaySequence sequence) {
      StepLog log = new StepLog();
      new PlainReplay().replay(sequence, log);
      return costs.stream()
          .mapToDouble(
              each -> log.costs(each.of(sequence.promptTokens(), sequence.decodeFrom()))[0])
          .toArray();
    }
  }
}
