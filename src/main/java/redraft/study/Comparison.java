package redraft.synthetic;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.metrics.Interval;
import redraft.metrics.Metrics;
import redraft.metrics.ReplayStatistics;
import redraft.metrics.ReplayTable;
import redraft.replay.AcceptanceLaw;
import redraft.replay.ReplayOptions;
import redraft.replay.ReplaySequence;
import redraft.replay.TraceReplay;
import redraft.replay.TraceReplay.Outcome;
import redraft.replay.TraceReplay.Setting;
import redraft.sampling.RandomStreams;
import redraft.trace.TraceHeader;
import redraft.verify.VerificationRule;

/**
 * Sets what a trace recorded beside what synthetic acceptance says of it: presets, replayed on the
 * trace's own sequences so that nothing but the acceptance differs, and the i.i.d. formula at the
 * trace's own overlap.
 */
public final class Comparison {
  /** The source that is the trace itself. */
  public static final String TRACE = "trace";

  /** The source that is equation 1 and Theorem 3.8 of Leviathan et al. 2023. */
  public static final String FORMULA = "formula";

  private static final String RECORDED = "recorded"; // the schedule of the trace
  private static final String POLICY = "fixed";

  private final ReplayOptions options;
  private final Map<String, Preset> presets = new LinkedHashMap<>(); // by draft in outcomes
  private final Group all;
  private final Map<String, Group> byDomain = new TreeMap<>();
  private String trace;
  private TraceReplay.Source read;

  /** What was replayed of everything or of one domain. */
  private static final class Group {
    final Map<Setting, ReplayStatistics> statistics = new LinkedHashMap<>();
    final Fit fit;
    long tokens; // that decoding commits
    double contextTokens; // in the cache, summed over these
    long promptTokens;

    Group(int fittedLength) {
      fit = new Fit(fittedLength);
    }
  }

  /**
   * What a source says of one draft length.
   *
   * @param shares [at most K + 1]: P(accepted = j)
   */
  private record Behaviour(double tokensPerStep, double speedup, double[] shares) {}

  /**
   * What a source says.
   *
   * @param behaviours by draft length, ascending
   */
  private record Source(String name, String schedule, Map<Integer, Behaviour> behaviours) {
    /** The draft length with the highest speedup, the shortest of them. */
    int best() {
      int best = behaviours.keySet().iterator().next();
      for (Map.Entry<Integer, Behaviour> entry : behaviours.entrySet()) {
        if (entry.getValue().speedup > behaviours.get(best).speedup) {
          best = entry.getKey();
        }
      }
      return best;
    }
  }

  /**
   * @param draft name in the trace's header
   * @param draftLengths ascending
   * @param seed of the bootstrap
   */
  public Comparison(
      String draft,
      VerificationRule rule,
      List<Integer> draftLengths,
      LatencyModel latency,
      List<Preset> presets,
      long seed) {
    options =
        new ReplayOptions(
            List.of(draft),
            List.of(rule),
            List.of(POLICY),
            draftLengths,
            List.of(new Deployment(latency)),
            0,
            seed,
            true,
            3,
            1,
            null);
    for (Preset preset : presets) {
      if (this.presets.put("preset:" + preset.name(), preset) != null) {
        throw new IllegalArgumentException(
            "two presets are called '" + preset.name() + "'; give one of them another name");
      }
    }
    all = newGroup();
  }

  private Group newGroup() {
    return new Group(options.draftLengths().get(options.draftLengths().size() - 1));
  }

  /**
   * Reads the trace.
   *
   * @param progress told from time to time how many sequences have been read
   */
  public TraceReplay.Source run(Path file, LongConsumer progress) throws IOException {
    Map<String, UnaryOperator<AcceptanceLaw>> standIns = new LinkedHashMap<>();
    presets.forEach((name, preset) -> standIns.put(name, law -> preset.law(law.length())));
    trace = file.getFileName().toString();
    read = new TraceReplay(options, standIns).run(file, this::add, progress);
    return read;
  }

  private void add(Outcome outcome) {
    add(all, outcome);
    add(byDomain.computeIfAbsent(outcome.domain(), domain -> newGroup()), outcome);
  }

  private void add(Group group, Outcome outcome) {
    group.statistics.computeIfAbsent(outcome.setting(), key -> new ReplayStatistics()).add(outcome);
    if (outcome.setting().equals(setting(draft(), group.fit.draftLength()))) { // once a sequence
      ReplaySequence course = outcome.course();
      long tokens = course.law().length();
      group.tokens += tokens;
      group.contextTokens += tokens * course.meanContextTokens();
      group.promptTokens += course.promptLength();
      group.fit.add(course);
    }
  }

  private String draft() {
    return options.drafts().get(0);
  }

  private LatencyModel latency() {
    return options.deployments().get(0).latency();
  }

  private Setting setting(String draft, int draftLength) {
    return new Setting(
        draft, options.rules().get(0), POLICY, draftLength, options.deployments().get(0));
  }

  /** The domains that were read, in alphabetical order. */
  public List<String> domains() {
    return List.copyOf(byDomain.keySet());
  }

  private Group group(String domain) {
    if (domain.equals(ReplayTable.ALL_DOMAINS)) {
      return all;
    }
    if (!byDomain.containsKey(domain)) {
      throw new IllegalArgumentException(
          trace
              + " has no domain '"
              + domain
              + "'; it has "
              + String.join(", ", byDomain.keySet()));
    }
    return byDomain.get(domain);
  }

  /** The trace first, then the formula where the overlap is known, then the presets. */
  private List<Source> sources(Group group) {
    List<Source> sources = new ArrayList<>();
    sources.add(replayed(group, TRACE, RECORDED, draft()));
    double overlap = recorded(group).overlap();
    if (!Double.isNaN(overlap)) {
      sources.add(formula(group, overlap));
    }
    presets.forEach(
        (draft, preset) ->
            sources.add(replayed(group, preset.name(), preset.schedule().name(), draft)));
    return sources;
  }

  private ReplayStatistics recorded(Group group) {
    return group.statistics.get(setting(draft(), group.fit.draftLength()));
  }

  private Source replayed(Group group, String name, String schedule, String draft) {
    Map<Integer, Behaviour> behaviours = new LinkedHashMap<>();
    for (int draftLength : options.draftLengths()) {
      ReplayStatistics s = group.statistics.get(setting(draft, draftLength));
      double[] shares = Arrays.stream(s.acceptedCounts()).map(n -> n / s.steps()).toArray();
      behaviours.put(draftLength, new Behaviour(s.tokensPerStep(), s.speedup(), shares));
    }
    return new Source(name, schedule, behaviours);
  }

  /**
   * As for a text without end, with every step at the price that it has at the trace's mean
   * context: Theorem 3.8 where only a cost ratio is known.
   */
  private Source formula(Group group, double acceptance) {
    LatencyModel latency = latency().atTemperature(read.header().sampling().temperature());
    int context = (int) Math.max(0, Math.round(group.contextTokens / group.tokens));
    Schedule schedule = new Schedule.Constant(acceptance);
    Map<Integer, Behaviour> behaviours = new LinkedHashMap<>();
    for (int draftLength : options.draftLengths()) {
      double tokensPerStep = Metrics.independentTokensPerStep(acceptance, draftLength);
      double stepTime = latency.speculativeStep(1, draftLength, context);
      double[] shares = schedule.survival(draftLength);
      for (int j = 0; j < draftLength; j++) {
        shares[j] -= shares[j + 1];
      }
      behaviours.put(
          draftLength,
          new Behaviour(
              tokensPerStep,
              Metrics.speedup(tokensPerStep * latency.baselineStep(1, context), stepTime),
              shares));
    }
    return new Source(FORMULA, schedule.name(), behaviours);
  }

  /**
   * Every source at every draft length.
   *
   * @param domain {@link ReplayTable#ALL_DOMAINS} for everything
   */
  public List<ComparisonRow> rows(String domain) {
    Group group = group(domain);
    List<Source> sources = sources(group);
    Source recorded = sources.get(0);
    double best = recorded.behaviours.get(recorded.best()).speedup;
    Map<Integer, Interval> intervals = new LinkedHashMap<>();
    for (int draftLength : options.draftLengths()) {
      intervals.put(
          draftLength,
          group
              .statistics
              .get(setting(draft(), draftLength))
              .speedupInterval(new RandomStreams(options.seed()).stream("bootstrap")));
    }
    ReplayStatistics s = recorded(group);
    List<ComparisonRow> rows = new ArrayList<>();
    for (Source source : sources) {
      for (int draftLength : options.draftLengths()) {
        Behaviour said = source.behaviours.get(draftLength);
        Behaviour here = recorded.behaviours.get(draftLength);
        rows.add(
            new ComparisonRow(
                trace,
                domain,
                draft(),
                options.rules().get(0).name(),
                latency().name(),
                s.sequences(),
                s.positions(),
                Double.isNaN(s.overlap()) ? null : s.overlap(),
                source.name,
                source.schedule,
                draftLength,
                draftLength == source.best(),
                said.tokensPerStep,
                said.speedup,
                here.tokensPerStep,
                here.speedup,
                intervals.get(draftLength).low(),
                intervals.get(draftLength).high(),
                best - here.speedup,
                here.speedup / best,
                Metrics.totalVariation(said.shares, here.shares)));
      }
    }
    return rows;
  }

  /** The histograms of accepted counts, of every source at every draft length. */
  public List<HistogramRow> histograms(String domain) {
    List<HistogramRow> rows = new ArrayList<>();
    for (Source source : sources(group(domain))) {
      source.behaviours.forEach(
          (draftLength, behaviour) -> {
            for (int j = 0; j <= draftLength; j++) {
              rows.add(
                  new HistogramRow(
                      trace,
                      domain,
                      draft(),
                      options.rules().get(0).name(),
                      source.name,
                      draftLength,
                      j,
                      j < behaviour.shares.length ? behaviour.shares[j] : 0));
            }
          });
    }
    return rows;
  }

  /**
   * A preset that accepts as the trace does at the longest draft length compared.
   *
   * @param name of the preset
   */
  public Preset fit(String domain, String name) {
    Group group = group(domain);
    TraceHeader.Sampling sampling = read.header().sampling();
    long sequences = recorded(group).sequences();
    return new Preset(
        name,
        "accepts as draft "
            + draft()
            + " under rule "
            + options.rules().get(0).name()
            + (domain.equals(ReplayTable.ALL_DOMAINS) ? "" : " on domain " + domain)
            + " at draft length "
            + group.fit.draftLength(),
        group.fit.schedule(),
        "fitted to "
            + trace
            + ": target "
            + read.header().target().name()
            + ", draft "
            + draft()
            + ", temperature "
            + sampling.temperature()
            + ", top-k "
            + sampling.topK()
            + ", top-p "
            + sampling.topP()
            + ", seed "
            + sampling.seed(),
        "measured on " + sequences + " sequences, " + group.tokens + " tokens",
        (int) sequences,
        (int) Math.max(1, Math.round((double) group.promptTokens / sequences)),
        (int) Math.max(1, Math.round((double) group.tokens / sequences)));
  }
}
