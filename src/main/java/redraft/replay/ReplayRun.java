package redraft.replay;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import redraft.latency.Deployment;
import redraft.latency.StepCosts;
import redraft.policy.DraftLengthPolicy;
import redraft.replay.TraceReplay.Bounds;
import redraft.replay.TraceReplay.Outcome;
import redraft.replay.TraceReplay.Text;
import redraft.sampling.RandomStreams;
import redraft.steps.StepLog;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/**
 * One question's replay of one source: steps first, a chunk of sequences at a time, costs after.
 */
final class ReplayRun {
  private static final int MOST_EVENTS = 1 << 28; // of one log: 4 GB

  private final TraceHeader header;
  private final ReplayOptions options;
  private final List<ReplayDraft> drafts;
  private final List<Setting> settings;
  private final boolean estimates;
  private final boolean again; // whether any target decodes accepted tokens again
  private final List<Replayer> replayers; // [policies]
  private final List<StepCosts> costs; // [deployments]

  /**
   * A sequence under one way to decode, before it costs anything.
   *
   * @param low with the least acceptances of an estimate; null where it is none, and so is high
   */
  private record Replayed(
      Text text, Expectation expectation, StepLog log, Replayed low, Replayed high) {
    Replayed between(Replayed slowest, Replayed fastest) {
      return new Replayed(text, expectation, log, slowest, fastest);
    }
  }

  /** What a replay costs under one deployment; the bounds as in {@link Replayed}. */
  private record Costed(Cost cost, Cost low, Cost high) {}

  /**
   * @param settings by draft, deployment, rule and policy
   */
  ReplayRun(
      TraceHeader header, ReplayOptions options, List<ReplayDraft> drafts, List<Setting> settings) {
    this.header = header;
    this.options = options;
    this.drafts = drafts;
    this.settings = settings;
    estimates = options.estimates(header);
    again = options.deployments().stream().anyMatch(Deployment::recurrent);
    for (ReplayDraft draft : drafts) {
      for (VerificationRule rule : options.rules()) {
        if (draft.refusal(rule) != null) {
          throw new IllegalArgumentException(draft.refusal(rule));
        }
      }
      for (DraftLengthPolicy policy : options.policies()) {
        if (draft.refusal(policy) != null) {
          throw new IllegalArgumentException(draft.refusal(policy));
        }
      }
    }
    replayers = options.policies().stream().map(this::replayer).toList();
    costs =
        options.deployments().stream()
            .map(deployment -> new StepCosts(deployment, options.temperatureOf(header)))
            .toList();
  }

  private Replayer replayer(DraftLengthPolicy policy) {
    if (policy.stopping() != null && options.timelines() == 0) {
      return new StoppedReplay(policy, options.histogram(), StoppedReplay.Unknown.MIDDLE);
    }
    return options.timelines() == 0
        ? new ExactReplay(policy, options.histogram() || again)
        : new SampledReplay(policy, options.timelines(), new RandomStreams(options.seed()));
  }

  /** Refuses while reading: an exception would leave the parallel replay wrapped in another. */
  void check(TraceSequence sequence) {
    for (ReplayDraft draft : drafts) {
      if (draft.refusal(sequence) != null) {
        throw new IllegalArgumentException(draft.refusal(sequence));
      }
    }
    if (estimates) {
      TemperatureEstimate.check(header, sequence, options, drafts);
    }
    if (2L * sequence.length() * options.timelines() > MOST_EVENTS) {
      throw new IllegalArgumentException(
          "sequence '"
              + sequence.id()
              + "' of "
              + sequence.length()
              + " tokens in "
              + options.timelines()
              + " sampled timelines is more than "
              + MOST_EVENTS / 2
              + " tokens together; sample fewer timelines");
    }
  }

  /** What the steps of a sequence take under all ways to decode, at most about. */
  long events(TraceSequence sequence) {
    long ways = (long) drafts.size() * options.rules().size() * replayers.size();
    return 2L * sequence.length() * ways * Math.max(1, options.timelines());
  }

  /** Replays some sequences; outcomes come in the order of the sequences and settings. */
  void replay(List<TraceSequence> chunk, Consumer<Outcome> outcomes) {
    List<List<Replayed>> replayed = chunk.parallelStream().map(this::replay).toList();
    List<List<List<Costed>>> costed = // [deployments][sequences][as replayed]
        IntStream.range(0, costs.size())
            .parallel()
            .mapToObj(
                d -> replayed.stream().map(sequence -> costs(costs.get(d), sequence)).toList())
            .toList();
    int perDraft = options.rules().size() * replayers.size();
    for (int s = 0; s < chunk.size(); s++) {
      for (int i = 0; i < settings.size(); i++) {
        int draft = i / (perDraft * costs.size());
        int way = draft * perDraft + i % perDraft;
        Replayed one = replayed.get(s).get(way);
        Costed cost = costed.get(i / perDraft % costs.size()).get(s).get(way);
        Bounds bounds =
            one.low == null
                ? null
                : new Bounds(one.low.expectation, cost.low, one.high.expectation, cost.high);
        outcomes.accept(
            new Outcome(settings.get(i), one.text, one.expectation, one.log, cost.cost, bounds));
      }
    }
  }

  /** By draft, rule and policy. */
  private List<Replayed> replay(TraceSequence sequence) {
    List<Replayed> replayed = new ArrayList<>();
    for (ReplayDraft draft : drafts) {
      TemperatureEstimate estimate =
          estimates ? draft.estimate(sequence, options.temperature()) : null;
      double overlapSum = estimate == null ? draft.overlapSum(sequence) : estimate.overlapSum();
      for (VerificationRule rule : options.rules()) {
        AcceptanceLaw law =
            estimate == null
                ? draft.law(sequence, rule)
                : estimate.law(rule, sequence.decodeFrom());
        Text text =
            new Text(
                sequence.id(),
                sequence.domain(),
                draft.positions(sequence),
                overlapSum,
                draft.sequence(sequence, law).with(draft.signals(sequence, rule)));
        StepLimit limit = estimate == null ? draft.limit(law) : null;
        for (int i = 0; i < replayers.size(); i++) {
          DraftLengthPolicy policy = options.policies().get(i);
          boolean unlimited = policy.foresees() || policy.stopping() != null;
          replayed.add(replay(replayers.get(i), text, unlimited ? null : limit));
        }
      }
    }
    return replayed;
  }

  /**
   * @param limit null where none is known
   */
  private Replayed replay(Replayer replayer, Text text, StepLimit limit) {
    Replayed replayed = once(replayer, text, limit);
    if (replayer instanceof StoppedReplay stopped && !stopped.knows(text.sequence())) {
      // Steps are the same, and the more was drafted, the slower.
      return replayed.between(
          once(stopped.assuming(StoppedReplay.Unknown.MOST), text, null),
          once(stopped.assuming(StoppedReplay.Unknown.LEAST), text, null));
    }
    return text.sequence().law() instanceof EstimatedLaw estimate
        ? replayed.between(
            once(replayer, text.with(estimate.lowest()), null),
            once(replayer, text.with(estimate.highest()), null))
        : replayed;
  }

  private Replayed once(Replayer replayer, Text text, StepLimit limit) {
    ReplaySequence sequence = text.sequence();
    StepLog log = new StepLog(sequence.tokens(), again);
    Expectation expectation = Expectation.NOTHING;
    if (sequence.tokens() > 0) {
      replayer.replay(sequence, log);
      expectation =
          options.timelines() == 0
              ? Expectation.of(sequence.tokens(), log)
              : Expectation.ofRuns(sequence.tokens(), log);
    }
    if (limit != null) {
      expectation = expectation.limited(sequence.tokens() > 0 ? limit.accepted(log) : 0);
    }
    return new Replayed(text, expectation, log, null, null);
  }

  private List<Costed> costs(StepCosts costs, List<Replayed> replayed) {
    List<Costed> costed = new ArrayList<>(replayed.size());
    int tokens = -1;
    double baseline = 0; // of as many tokens
    for (Replayed one : replayed) {
      ReplaySequence sequence = one.text.sequence();
      if (sequence.tokens() != tokens) {
        tokens = sequence.tokens();
        baseline = costs.plain(sequence.promptTokens(), sequence.decodeFrom(), tokens);
      }
      costed.add(
          new Costed(
              cost(costs, one, baseline),
              one.low == null ? null : cost(costs, one.low, baseline),
              one.high == null ? null : cost(costs, one.high, baseline)));
    }
    return costed;
  }

  private Cost cost(StepCosts costs, Replayed one, double baseline) {
    double[] times = times(costs, one.text, one.log);
    return new Cost(
        Arrays.stream(times).sum() / times.length,
        baseline,
        costs.prefill(one.text.sequence().promptTokens()),
        options.timelines() == 0 ? null : times);
  }

  /** [runs]. */
  private static double[] times(StepCosts costs, Text text, StepLog log) {
    ReplaySequence sequence = text.sequence();
    return log.costs(costs.of(sequence.promptTokens(), sequence.decodeFrom()));
  }
}
