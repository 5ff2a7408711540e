package redraft.replay;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import redraft.draft.PromptLookup;
import redraft.json.LineException;
import redraft.latency.Deployment;
import redraft.latency.FreeDraft;
import redraft.latency.LatencyModel;
import redraft.latency.StepPrices;
import redraft.policy.Policies;
import redraft.sampling.RandomStreams;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.verify.TokenRule;
import redraft.verify.VerificationRule;

/**
 * Replays a trace under every combination of settings, in one reading of the file. Sequences are
 * replayed on all processors and handed on in the order of the file, so that results do not depend
 * on how many processors there are.
 */
public final class TraceReplay {
  private static final int CHUNK = 256; // sequences in memory at once

  private final ReplayOptions options;
  private final Map<String, UnaryOperator<AcceptanceLaw>> standIns;

  /**
   * One way to decode.
   *
   * @param draftLength of the first step; null for the oracle
   */
  public record Setting(
      String draft,
      VerificationRule rule,
      String policy,
      Integer draftLength,
      Deployment deployment) {}

  /**
   * One sequence under one setting.
   *
   * @param positions generated tokens
   * @param overlapSum Σ over positions of Σ_v min(p, q); NaN where it is not known
   * @param prefillTime NaN where it is not known
   * @param course that was replayed
   * @param bounds null where the expectation is no estimate
   */
  public record Outcome(
      Setting setting,
      String id,
      String domain,
      int positions,
      double overlapSum,
      double prefillTime,
      ReplaySequence course,
      Expectation expectation,
      Bounds bounds) {}

  /** Replay with the least and with the greatest acceptances that an estimate leaves open. */
  public record Bounds(Expectation low, Expectation high) {}

  /**
   * What was read.
   *
   * @param complete whether the trace has its footer; otherwise the recording was cut after these
   *     sequences
   */
  public record Source(TraceHeader header, long sequences, boolean complete) {}

  public TraceReplay(ReplayOptions options) {
    this(options, Map.of());
  }

  /**
   * @param standIns laws to replay besides, on the same sequences: each is given the recorded law
   *     and returns the one that takes its place, in outcomes whose draft is the name here
   */
  public TraceReplay(ReplayOptions options, Map<String, UnaryOperator<AcceptanceLaw>> standIns) {
    if (!standIns.isEmpty() && options.drafts().size() != 1) {
      throw new IllegalArgumentException(
          "laws stand in for one draft, not for " + options.drafts().size());
    }
    this.options = options;
    this.standIns = standIns;
  }

  /**
   * @param outcomes told of every sequence under every setting
   * @param progress told from time to time how many sequences have been read
   */
  public Source run(Path trace, Consumer<Outcome> outcomes, LongConsumer progress)
      throws IOException {
    try (TraceReader reader = new TraceReader(trace)) {
      TraceHeader header = reader.header();
      double temperature =
          options.temperature() == null ? header.sampling().temperature() : options.temperature();
      Map<Setting, Replayer> replayers = replayers(drafts(header), temperature);
      List<TraceSequence> chunk = new ArrayList<>();
      do {
        chunk.clear();
        for (TraceSequence sequence; chunk.size() < CHUNK && (sequence = reader.next()) != null; ) {
          check(header, sequence, replayers.keySet());
          chunk.add(sequence);
        }
        chunk.parallelStream()
            .map(sequence -> replay(header, sequence, replayers))
            .toList()
            .forEach(list -> list.forEach(outcomes));
        progress.accept(reader.sequences());
      } while (!chunk.isEmpty());
      if (reader.sequences() == 0) {
        throw new LineException(
            trace.getFileName().toString(), 2, "no complete sequence, so nothing can be replayed");
      }
      return new Source(header, reader.sequences(), reader.complete());
    }
  }

  /** Refuses while reading: an exception would leave the parallel replay wrapped in another. */
  private void check(TraceHeader header, TraceSequence sequence, Set<Setting> settings) {
    if (options.estimates(header)) {
      TemperatureEstimate.check(header, sequence, options, settings);
      return;
    }
    for (Setting setting : settings) {
      if (!knowsProbabilities(header, sequence, setting.draft)
          && !(setting.rule instanceof TokenRule)) {
        throw new IllegalArgumentException(
            "rule '"
                + setting.rule.name()
                + "' needs draft log-probabilities; draft '"
                + setting.draft
                + "' was imported with accept lengths only, which rule 'token' replays");
      }
    }
  }

  private List<String> drafts(TraceHeader header) {
    if (options.drafts().isEmpty()) {
      return header.drafts().stream().map(draft -> draft.name()).toList();
    }
    for (String draft : options.drafts()) {
      if (!draft.equals(PromptLookup.NAME)) {
        header.draftIndex(draft); // or refuse it
      }
    }
    return options.drafts();
  }

  /**
   * Every way to decode with these drafts, and what replays it.
   *
   * @param temperature of the text
   */
  public Map<Setting, Replayer> replayers(List<String> drafts, double temperature) {
    Map<Setting, Replayer> replayers = new LinkedHashMap<>();
    for (String draft : drafts) {
      for (Deployment deployment : options.deployments()) {
        LatencyModel latency = deployment.latency().atTemperature(temperature);
        StepPrices prices =
            new StepPrices(
                draft.equals(PromptLookup.NAME) ? new FreeDraft(latency) : latency, deployment);
        for (VerificationRule rule : options.rules()) {
          for (String policy : options.policies()) {
            if (policy.equals(ReplayOptions.ORACLE)) {
              replayers.put(
                  new Setting(draft, rule, policy, null, deployment), new OracleReplay(prices));
              continue;
            }
            for (int draftLength : options.draftLengths()) {
              replayers.put(
                  new Setting(draft, rule, policy, draftLength, deployment),
                  replayer(policy, draftLength, prices));
            }
          }
        }
      }
    }
    return replayers;
  }

  private Replayer replayer(String policy, int draftLength, StepPrices prices) {
    var named = Policies.named(policy, draftLength);
    return options.timelines() == 0
        ? new ExactReplay(named, prices, options.histogram())
        : new SampledReplay(named, prices, options.timelines(), new RandomStreams(options.seed()));
  }

  private List<Outcome> replay(
      TraceHeader header, TraceSequence sequence, Map<Setting, Replayer> replayers) {
    Map<String, TemperatureEstimate> estimates = new HashMap<>(); // by draft
    Map<String, Double> overlapSums = new HashMap<>(); // by draft
    Map<Setting, ReplaySequence> courses = new HashMap<>(); // by draft and rule
    List<Outcome> outcomes = new ArrayList<>(replayers.size());
    replayers.forEach(
        (setting, replayer) -> {
          TemperatureEstimate estimate =
              !options.estimates(header)
                  ? null
                  : estimates.computeIfAbsent(
                      setting.draft,
                      draft ->
                          TemperatureEstimate.of(
                              sequence,
                              header.draftIndex(draft),
                              header.tokenizer().vocabularySize(),
                              options.temperature()));
          Deployment deployment = setting.deployment;
          int prompt = deployment.promptTokens(sequence.promptTokens().length);
          ReplaySequence course =
              courses
                  .computeIfAbsent(
                      new Setting(setting.draft, setting.rule, null, null, null),
                      key -> course(header, sequence, key, options, estimate))
                  .withPromptLength(prompt + sequence.decodeFrom());
          Outcome recorded =
              new Outcome(
                  setting,
                  sequence.id(),
                  sequence.domain(),
                  positions(header, sequence, setting.draft),
                  estimate == null
                      ? overlapSums.computeIfAbsent(
                          setting.draft, draft -> overlapSum(header, sequence, draft))
                      : estimate.overlapSum(),
                  deployment.latency().prefill(deployment.batch(), prompt),
                  course,
                  expectation(replayer, course),
                  bounds(replayer, course));
          outcomes.add(recorded);
          standIns.forEach(
              (name, law) ->
                  outcomes.add(standIn(recorded, name, law.apply(course.law()), replayer)));
        });
    return outcomes;
  }

  private static Outcome standIn(
      Outcome recorded, String name, AcceptanceLaw law, Replayer replayer) {
    Setting setting = recorded.setting;
    ReplaySequence replaced = recorded.course.with(law);
    return new Outcome(
        new Setting(name, setting.rule, setting.policy, setting.draftLength, setting.deployment),
        recorded.id,
        recorded.domain,
        recorded.positions,
        Double.NaN,
        recorded.prefillTime,
        replaced,
        expectation(replayer, replaced),
        null);
  }

  private static Expectation expectation(Replayer replayer, ReplaySequence course) {
    return course.law().length() == 0 ? Expectation.NOTHING : replayer.replay(course);
  }

  private static Bounds bounds(Replayer replayer, ReplaySequence course) {
    return course.law() instanceof EstimatedLaw law
        ? new Bounds(
            expectation(replayer, course.with(law.lowest())),
            expectation(replayer, course.with(law.highest())))
        : null;
  }

  private static ReplaySequence course(
      TraceHeader header,
      TraceSequence sequence,
      Setting setting,
      ReplayOptions options,
      TemperatureEstimate estimate) {
    // Measured accept lengths go past the end, as the drafts they were measured of did.
    boolean measured = !knowsProbabilities(header, sequence, setting.draft);
    return new ReplaySequence(
        sequence.id() + "/" + sequence.sample(),
        estimate == null
            ? law(header, sequence, setting, options)
            : estimate.law(setting.rule, sequence.decodeFrom()),
        sequence.promptTokens().length + sequence.decodeFrom(),
        sequence.finish() == TraceSequence.Finish.LENGTH && !measured);
  }

  private static AcceptanceLaw law(
      TraceHeader header, TraceSequence sequence, Setting setting, ReplayOptions options) {
    int from = sequence.decodeFrom();
    if (setting.draft.equals(PromptLookup.NAME)) {
      // A copied token has probability 1 under the draft, and every rule keeps it exactly when the
      // path goes on with it.
      var lookup =
          PromptLookup.replay(
              sequence.promptTokens(),
              sequence.tokens(),
              options.longestNgram(),
              options.shortestNgram());
      int end = sequence.length();
      return new CertainLaw(
          Arrays.copyOfRange(lookup.matched(), from, end),
          Arrays.copyOfRange(lookup.available(), from, end));
    }
    int index = header.draftIndex(setting.draft);
    if (knowsProbabilities(header, sequence, setting.draft)) {
      return new RuleLaw(setting.rule, RecordedPaths.of(sequence, index));
    }
    int[] acceptLength = sequence.drafts().get(index).acceptLength();
    return new CertainLaw(
        Arrays.stream(acceptLength).skip(from).map(length -> length - 1).toArray(), null);
  }

  private static boolean knowsProbabilities(
      TraceHeader header, TraceSequence sequence, String draft) {
    return draft.equals(PromptLookup.NAME)
        || sequence.drafts().get(header.draftIndex(draft)).hasProbabilities();
  }

  private static int positions(TraceHeader header, TraceSequence sequence, String draft) {
    return draft.equals(PromptLookup.NAME)
        ? sequence.length()
        : sequence.drafts().get(header.draftIndex(draft)).length();
  }

  private static double overlapSum(TraceHeader header, TraceSequence sequence, String draft) {
    if (draft.equals(PromptLookup.NAME) || !knowsProbabilities(header, sequence, draft)) {
      return Double.NaN;
    }
    return DoubleStream.of(sequence.drafts().get(header.draftIndex(draft)).overlap()).sum();
  }
}
