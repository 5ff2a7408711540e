package redraft.validation.live;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import redraft.decode.Limits;
import redraft.decode.LiveComparison;
import redraft.decode.ModelDrafter;
import redraft.decode.PlainDecoding;
import redraft.decode.SpeculativeDecoding;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.latency.MeasuredProfile;
import redraft.metrics.Metrics;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayStatistics;
import redraft.metrics.ReplayTable;
import redraft.model.LanguageModel;
import redraft.policy.FixedLength;
import redraft.policy.Policies;
import redraft.recording.LivePair;
import redraft.recording.PassProfiler;
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

  private static final int WARM_UP_ROUNDS = 6;
  private static final int PROFILE_ROUNDS_A_PROMPT = 3;
  private static final int CONTEXTS = 5;

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

    /** Units of work that progress is told of. */
    public int steps(List<Prompt> prompts) {
      int live = firstOfDomains(prompts).values().stream().mapToInt(List::size).sum();
      return live + samples * prompts.size() + 2;
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
   * @param runs domain by domain
   * @param passes of this machine, measured in turns with the runs
   */
  public record Live(String draft, List<Run> runs, MeasuredProfile passes) {
    /** The first run of each domain. */
    public Collection<Run> samples() {
      return runs.stream()
          .collect(
              Collectors.toMap(
                  run -> run.prompt.domain(), run -> run, (a, b) -> a, LinkedHashMap::new))
          .values();
    }

    public int steps() {
      return runs.stream().mapToInt(run -> run.decoded.speculative().steps().size()).sum();
    }

    public int drafted() {
      return runs.stream().mapToInt(run -> run.decoded.speculative().drafted()).sum();
    }

    public int accepted() {
      return runs.stream().mapToInt(run -> run.decoded.speculative().accepted()).sum();
    }

    /** Plain over speculative time per token, of all runs together. */
    public double speedup() {
      double plain = 0;
      double speculative = 0;
      long plainTokens = 0;
      long tokens = 0;
      for (Run run : runs) {
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
   * @param ofLive what it predicts of the prompts that ran live, at their draft length
   * @param prices of the passes at the temperature of the runs
   */
  public record Replayed(List<ReplayRow> rows, ReplayStatistics ofLive, LatencyModel prices) {
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
   * @param progress told what comes next
   */
  public static Live live(
      LivePair pair,
      LanguageModel draft,
      List<Prompt> prompts,
      Plan plan,
      Path trace,
      Consumer<String> progress)
      throws IOException {
    Limits limits = new Limits(plan.maxNewTokens, pair.endTokens());
    Live live = decode(pair, draft, prompts, plan, limits, progress);
    pair.record(
        trace,
        prompts,
        plan.samples,
        plan.sampling,
        limits,
        plan.seed,
        sequences -> progress.accept("recording"));
    return live;
  }

  private static Live decode(
      LivePair pair,
      LanguageModel draft,
      List<Prompt> prompts,
      Plan plan,
      Limits limits,
      Consumer<String> progress) {
    progress.accept("decoding and measuring passes");
    SamplingParameters sampling = plan.sampling;
    RandomStreams streams = new RandomStreams(plan.seed);
    Map<String, List<Prompt>> domains = plan.firstOfDomains(prompts);
    int[] text = pair.tokenizer().encode(prompts.get(0).prompt());
    int rows = LONGEST_DRAFT + 1;
    int[] contexts = PassProfiler.contexts(pair.target().contextLength(), rows, CONTEXTS);
    try (PassProfiler timer =
            new PassProfiler(pair.target(), draft, List.of(sampling), text, contexts, rows);
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
      for (List<Prompt> domain : domains.values()) {
        int[] prompt = pair.tokenizer().encode(domain.get(0).prompt());
        LiveComparison.run(plain, speculative, prompt, streams, "warm-up", WARM_UP_ROUNDS);
      }
      for (int round = 0; round < WARM_UP_ROUNDS; round++) {
        timer.round(false);
      }
      List<Run> runs = new ArrayList<>();
      for (List<Prompt> domain : domains.values()) {
        for (Prompt prompt : domain) {
          for (int round = 0; round < PROFILE_ROUNDS_A_PROMPT; round++) { // in turns with the runs
            timer.round(true);
          }
          int[] tokens = pair.tokenizer().encode(prompt.prompt());
          runs.add(
              new Run(
                  prompt, LiveComparison.run(plain, speculative, tokens, streams, prompt.id(), 1)));
          progress.accept("decoding " + prompt.id());
        }
      }
      return new Live(draft.name(), runs, timer.result("this-machine"));
    }
  }

  /** Replays the trace of a live part with its pass times, without a model. */
  public static Replayed replay(Live live, Plan plan, Path trace) throws IOException {
    ReplayOptions options =
        new ReplayOptions(
            List.of(plan.rule),
            Policies.every(
                List.of("fixed"), IntStream.rangeClosed(1, LONGEST_DRAFT).boxed().toList()),
            List.of(new Deployment(live.passes)));
    Set<String> ids = live.runs.stream().map(run -> run.prompt.id()).collect(Collectors.toSet());
    ReplayTable table = new ReplayTable(0);
    ReplayStatistics ofLive = new ReplayStatistics();
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
                    }
                  });
      return new Replayed(
          table.rows(read, true), ofLive, live.passes.atTemperature(plan.sampling.temperature()));
    }
  }
}
