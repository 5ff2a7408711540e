package redraft.validation.live;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import redraft.decode.Continuation;
import redraft.decode.Limits;
import redraft.decode.LiveComparison;
import redraft.decode.ModelDrafter;
import redraft.decode.PlainDecoding;
import redraft.decode.SpeculativeDecoding;
import redraft.latency.Deployment;
import redraft.latency.MeasuredSteps;
import redraft.metrics.Interval;
import redraft.metrics.Jackknife;
import redraft.metrics.Metrics;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayStatistics;
import redraft.metrics.ReplayTable;
import redraft.model.LanguageModel;
import redraft.policy.FixedLength;
import redraft.policy.Policies;
import redraft.recording.DecodingProfiler;
import redraft.recording.LivePair;
import redraft.replay.LookupDraft;
import redraft.replay.ReplayOptions;
import redraft.replay.TraceReplay;
import redraft.replay.TraceSource;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.Prompt;
import redraft.trace.ReservedNames;
import redraft.trace.TraceReader;
import redraft.verify.VerificationRule;

/**
 * The whole course once, on one pair and at one draft length: live decoding, measured passes and a
 * recorded trace, then the replay of the trace without the models.
 */
public final class Demonstration {
  /** Replay compares every draft length from 1 to this one. */
  public static final int LONGEST_DRAFT = 8;

  private static final int WARM_UP_ROUNDS = 2;
  private static final int RUNS_A_ROUND_OF_LENGTHS = 2;

  private Demonstration() {}

  /**
   * What is shown.
   *
   * @param draftLength of the live runs
   * @param livePrompts of each domain that are decoded live
   * @param samples continuations of each prompt in the trace
   */
  public record Plan(
      VerificationRule rule,
      int draftLength,
      SamplingParameters sampling,
      int maxNewTokens,
      int livePrompts,
      int samples,
      long seed) {
    public Plan {
      if (draftLength < 1 || draftLength > LONGEST_DRAFT || livePrompts < 1) {
        throw new IllegalArgumentException(
            "draft length "
                + draftLength
                + " must be from 1 to "
                + LONGEST_DRAFT
                + ", live prompts "
                + livePrompts
                + " at least 1");
      }
    }

    private Map<String, List<Prompt>> firstOfDomains(List<Prompt> prompts) {
      Map<String, List<Prompt>> domains = new LinkedHashMap<>();
      prompts.forEach(
          prompt -> domains.computeIfAbsent(prompt.domain(), key -> new ArrayList<>()).add(prompt));
      domains.replaceAll((domain, all) -> all.subList(0, Math.min(livePrompts, all.size())));
      return domains;
    }
  }

  /** One prompt, decoded plainly and speculatively. */
  public record Run(Prompt prompt, LiveComparison decoded) {}

  /**
   * What was seen live.
   *
   * @param runs domains in turns
   * @param undisturbed those of the runs that count
   * @param costs of this machine's steps, measured in turns with the runs, in other texts
   */
  public record Live(
      String draft, List<Run> runs, List<Run> undisturbed, MeasuredSteps costs, Noise noise) {
    /** The first run of each domain. */
    public Collection<Run> samples() {
      return runs.stream()
          .collect(
              Collectors.toMap(
                  run -> run.prompt.domain(), run -> run, (a, b) -> a, LinkedHashMap::new))
          .values();
    }

    public int steps() {
      return undisturbed.stream().mapToInt(run -> run.decoded.speculative().steps().size()).sum();
    }

    public int drafted() {
      return undisturbed.stream().mapToInt(run -> run.decoded.speculative().drafted()).sum();
    }

    public int accepted() {
      return undisturbed.stream().mapToInt(run -> run.decoded.speculative().accepted()).sum();
    }

    /** Plain over speculative time per token, of all undisturbed runs together. */
    public double speedup() {
      double plain = 0;
      double speculative = 0;
      long plainTokens = 0;
      long tokens = 0;
      for (Run run : undisturbed) {
        plain += run.decoded.plainNanos();
        plainTokens += run.decoded.plain().tokens().length;
        speculative += run.decoded.speculativeNanos();
        tokens += run.decoded.speculative().tokens().length;
      }
      return Metrics.speedup(plain / plainTokens, speculative / tokens);
    }
  }

  /**
   * What replay says.
   *
   * @param rows of every draft length, over all and by domain
   * @param ofLive what it predicts of the undisturbed live runs, at their draft length
   * @param textNoise relative difference between measured and predicted speedup that is explained
   *     by the live texts being other samples than the recorded ones, with 95% confidence; NaN
   *     below two prompts
   */
  public record Replayed(List<ReplayRow> rows, ReplayStatistics ofLive, double textNoise) {
    public List<ReplayRow> atDraftLength(int draftLength) {
      return rows.stream().filter(row -> row.draftLength() == draftLength).toList();
    }

    /** The fastest over all domains. */
    public ReplayRow best() {
      return rows.stream()
          .filter(row -> row.domain().equals(ReservedNames.ALL_DOMAINS))
          .max(Comparator.comparingDouble(ReplayRow::speedup))
          .orElseThrow();
    }
  }

  /**
   * Decodes some of the prompts live and records all of them.
   *
   * @param threads that a pass of the target has
   * @param progress told of every text
   */
  public static Live live(
      LivePair pair,
      LanguageModel draft,
      List<Prompt> prompts,
      Plan plan,
      int threads,
      Path trace,
      Phases progress)
      throws IOException {
    Limits limits = new Limits(plan.maxNewTokens, pair.endTokens());
    Live live = decode(pair, draft, prompts, plan, threads, limits, progress);
    progress.begin("recording", (long) plan.samples * prompts.size());
    pair.record(
        trace,
        prompts,
        plan.samples,
        plan.sampling,
        limits,
        plan.seed,
        sequences -> progress.step());
    return live;
  }

  private static Live decode(
      LivePair pair,
      LanguageModel draft,
      List<Prompt> prompts,
      Plan plan,
      int threads,
      Limits limits,
      Phases progress) {
    SamplingParameters sampling = plan.sampling;
    RandomStreams streams = new RandomStreams(plan.seed);
    Map<String, List<Prompt>> domains = plan.firstOfDomains(prompts);
    try (DecodingProfiler profiler =
            new DecodingProfiler(
                pair.target(),
                draft,
                plan.rule,
                sampling,
                plan.draftLength,
                LONGEST_DRAFT,
                limits);
        PlainDecoding plain = new PlainDecoding(pair.target(), sampling, limits);
        ModelDrafter drafter = new ModelDrafter(draft, plan.rule.draftSampling(sampling));
        SpeculativeDecoding speculative =
            new SpeculativeDecoding(
                pair.target(),
                drafter,
                plan.rule,
                new FixedLength(plan.draftLength),
                sampling,
                limits)) {
      // Java compiles what runs often, on the same processors: not while times are taken.
      progress.begin("warming up", (long) WARM_UP_ROUNDS * domains.size());
      for (int round = 0; round < WARM_UP_ROUNDS; round++) {
        for (List<Prompt> domain : domains.values()) {
          int[] prompt = pair.tokenizer().encode(domain.get(0).prompt());
          plain.run(prompt, streams, "warm-up");
          speculative.run(prompt, streams, "warm-up");
          profiler.plain(prompt, streams, "warm-up");
          profiler.usual(prompt, streams, "warm-up");
          profiler.others(prompt, streams, "warm-up");
          progress.step();
        }
      }
      progress.begin(
          "decoding and measuring", domains.values().stream().mapToLong(List::size).sum());
      List<Run> runs = new ArrayList<>();
      List<DecodingProfiler.Timed> timed = new ArrayList<>();
      List<Noise.Pair> pairs = new ArrayList<>();
      ProcessorClock started = ProcessorClock.now();
      for (Prompt prompt :
          Prompt.domainsInTurns(domains.values().stream().flatMap(List::stream).toList())) {
        int[] tokens = pair.tokenizer().encode(prompt.prompt());
        String name = "timed/" + prompt.id();
        boolean liveFirst = runs.size() % 2 == 0;
        Both<Continuation, DecodingProfiler.Part> plainly =
            Both.of(
                liveFirst,
                () -> plain.run(tokens, streams, prompt.id()),
                () -> profiler.plain(tokens, streams, name));
        Both<Continuation, DecodingProfiler.Part> drafting =
            Both.of(
                !liveFirst,
                () -> speculative.run(tokens, streams, prompt.id()),
                () -> profiler.usual(tokens, streams, name));
        LiveComparison live = LiveComparison.once(plainly.live, drafting.live);
        boolean others = runs.size() % RUNS_A_ROUND_OF_LENGTHS == 0;
        DecodingProfiler.Timed each =
            new DecodingProfiler.Timed(
                plainly.timed,
                drafting.timed,
                others ? profiler.others(tokens, streams, name) : null);
        runs.add(new Run(prompt, live));
        timed.add(each);
        pairs.add(new Noise.Pair(turn(live), turn(each.decoded())));
        progress.step();
      }
      ProcessorUse use = ProcessorClock.now().since(started);
      return new Live(
          draft.name(),
          runs,
          Noise.undisturbed(runs, run -> turn(run.decoded)),
          profiler.result("this-machine", Noise.undisturbed(timed, run -> turn(run.decoded()))),
          Noise.of(runs.stream().map(run -> turn(run.decoded)).toList(), pairs, use, threads));
    }
  }

  /**
   * What is measured, and what its costs are taken from. They come next to each other, first and
   * last in turns, so that whatever slows the machine down for a while meets both.
   */
  private record Both<A, B>(A live, B timed) {
    static <A, B> Both<A, B> of(boolean liveFirst, Supplier<A> live, Supplier<B> timed) {
      A before = liveFirst ? live.get() : null;
      B other = timed.get();
      return new Both<>(liveFirst ? before : live.get(), other);
    }
  }

  private static Noise.Turn turn(LiveComparison decoded) {
    return new Noise.Turn(
        decoded.plainNanos() / 1e6 / decoded.plain().tokens().length,
        decoded.speculativeNanos() / 1e6 / decoded.speculative().steps().size());
  }

  /** Replays the trace of a live part with its costs, without a model. */
  public static Replayed replay(Live live, Plan plan, Path trace) throws IOException {
    ReplayOptions options =
        new ReplayOptions(
            List.of(plan.rule),
            Policies.every(
                List.of("fixed"), IntStream.rangeClosed(1, LONGEST_DRAFT).boxed().toList()),
            List.of(new Deployment(live.costs)));
    Set<String> ids =
        live.undisturbed.stream().map(run -> run.prompt.id()).collect(Collectors.toSet());
    ReplayTable table = new ReplayTable(0);
    ReplayStatistics ofLive = new ReplayStatistics();
    Map<String, double[]> expected = new HashMap<>(); // {tokens, steps} by id
    try (TraceSource source = new TraceSource("demo", new TraceReader(trace))) {
      TraceReplay.Source read =
          new TraceReplay(options, source.drafts(List.of(live.draft), LookupDraft.Ngrams.USUAL))
              .run(
                  source,
                  outcome -> {
                    table.accept(outcome);
                    if (outcome.setting().draftLength() == plan.draftLength
                        && ids.contains(outcome.text().id())) {
                      ofLive.add(outcome);
                      double[] sums =
                          expected.computeIfAbsent(outcome.text().id(), id -> new double[2]);
                      sums[0] += outcome.expectation().tokens();
                      sums[1] += outcome.expectation().steps();
                    }
                  });
      return new Replayed(table.rows(read, true), ofLive, textNoise(live, expected));
    }
  }

  /**
   * Half of the relative 95% interval of live over expected tokens per step, by the jackknife over
   * prompts.
   *
   * @param expected {tokens, steps} of the recorded texts, by id
   */
  private static double textNoise(Live live, Map<String, double[]> expected) {
    List<double[]> prompts = new ArrayList<>();
    for (Run run : live.undisturbed) {
      Continuation text = run.decoded.speculative();
      double[] said = expected.get(run.prompt.id());
      prompts.add(new double[] {text.tokens().length, text.steps().size(), said[0], said[1]});
    }
    if (prompts.size() < 2) {
      return Double.NaN;
    }
    Interval interval =
        Jackknife.interval(prompts, sums -> Math.log(sums[0] / sums[1] * sums[3] / sums[2]));
    return (interval.high() - interval.low()) / 2;
  }
}
