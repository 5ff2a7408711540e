package redraft.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.metrics.Interval;
import redraft.metrics.Metrics;
import redraft.metrics.ReplayStatistics;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.FixedLength;
import redraft.replay.ReplayDraft;
import redraft.replay.ReplayOptions;
import redraft.replay.SequenceSource;
import redraft.replay.TraceReplay;
import redraft.replay.TraceReplay.Question;
import redraft.study.ComparisonTally.Group;
import redraft.synthetic.Preset;
import redraft.synthetic.PresetDraft;
import redraft.synthetic.Schedule;
import redraft.trace.ReservedNames;
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

  private final ReplayDraft draft;
  private final VerificationRule rule;
  private final List<Integer> draftLengths;
  private final Deployment deployment;
  private final List<Preset> presets;
  private final TraceReplay replay;
  private final ComparisonTally tally;
  private TraceReplay.Source read;

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
   * @param draftLengths ascending
   */
  public Comparison(
      ReplayDraft draft,
      VerificationRule rule,
      List<Integer> draftLengths,
      Deployment deployment,
      List<Preset> presets) {
    if (deployment.recurrent()) {
      throw new IllegalArgumentException(
          "comparisons and reports take a step to cost the same whatever it accepts, which a recurrent target's does not;"
              + " replay, best and sweep price it");
    }
    if (draft.ahead()) {
      throw new IllegalArgumentException(
          "draft '"
              + draft.name()
              + "' drafts while the target verifies, and comparisons and reports are of steps that come one after the other;"
              + " replay, best and sweep price it");
    }
    this.draft = draft;
    this.rule = rule;
    this.draftLengths = draftLengths;
    this.deployment = deployment;
    this.presets = presets;
    tally = new ComparisonTally(draft, longest(), deployment);
    List<ReplayDraft> drafts = new ArrayList<>();
    drafts.add(draft);
    for (Preset preset : presets) {
      if (drafts.stream().anyMatch(other -> other.name().equals(preset.name()) && other != draft)) {
        throw new IllegalArgumentException(
            "two presets are called '" + preset.name() + "'; give one of them another name");
      }
      drafts.add(new PresetDraft(preset, draft));
    }
    List<DraftLengthPolicy> policies = new ArrayList<>();
    draftLengths.forEach(draftLength -> policies.add(new FixedLength(draftLength)));
    replay =
        new TraceReplay(
            new ReplayOptions(List.of(rule), policies, List.of(deployment), 0, 0, true, null),
            drafts);
  }

  /**
   * Reads a source to its end.
   *
   * @param grid of one rule and one deployment; of its drafts the first is compared
   * @param notes gets what a reader should know
   * @param progress told from time to time how many sequences have been read
   */
  public static Comparison of(
      SequenceSource source,
      Grid grid,
      List<Integer> draftLengths,
      List<Preset> presets,
      List<String> notes,
      LongConsumer progress)
      throws IOException {
    Grid.Plan plan = grid.on(source);
    notes.addAll(plan.notes());
    if (plan.rules().size() != 1) {
      throw new IllegalArgumentException(
          "a comparison is of one rule, not of "
              + String.join(", ", plan.rules().stream().map(VerificationRule::name).toList()));
    }
    Comparison comparison =
        new Comparison(
            plan.drafts().get(0),
            plan.rules().get(0),
            draftLengths,
            grid.deployments().get(0),
            presets);
    comparison.end(source.answer(List.of(comparison.question()), progress));
    notes.addAll(ReplayStudy.notes(comparison.read, List.of()));
    return comparison;
  }

  private int longest() {
    return draftLengths.get(draftLengths.size() - 1);
  }

  /** What a reading of the trace is to answer. */
  public Question question() {
    return new Question(replay, tally);
  }

  /** Ends the reading, of which {@link #question} was a part. */
  public void end(TraceReplay.Source read) {
    this.read = read;
  }

  /**
   * Everything, and then what it consists of, in alphabetical order.
   *
   * @param each whether single domains are wanted
   */
  public List<String> domains(boolean each) {
    Set<String> domains = new LinkedHashSet<>(List.of(read.domain()));
    if (each) {
      domains.addAll(tally.byDomain().keySet());
    }
    return List.copyOf(domains);
  }

  private Group group(String domain) {
    if (domain.equals(read.domain())) {
      return tally.all();
    }
    if (!tally.byDomain().containsKey(domain)) {
      throw new IllegalArgumentException(
          read.name()
              + " has no domain '"
              + domain
              + "'; it has "
              + String.join(", ", tally.byDomain().keySet()));
    }
    return tally.byDomain().get(domain);
  }

  /** The trace first, then the formula where the overlap is known, then the presets. */
  private List<Source> sources(Group group) {
    List<Source> sources = new ArrayList<>();
    for (ReplayDraft source : group.drafts()) {
      if (source instanceof PresetDraft stand) {
        Preset preset = stand.preset();
        sources.add(replayed(group, preset.name(), preset.schedule().name(), source));
        continue;
      }
      sources.add(replayed(group, TRACE, RECORDED, source));
      double overlap = group.of(draft, longest()).overlap();
      if (!Double.isNaN(overlap)) {
        sources.add(formula(group, overlap));
      }
    }
    return sources;
  }

  private Source replayed(Group group, String name, String schedule, ReplayDraft draft) {
    Map<Integer, Behaviour> behaviours = new LinkedHashMap<>();
    for (int draftLength : draftLengths) {
      ReplayStatistics s = group.of(draft, draftLength);
      double[] shares = Arrays.stream(s.acceptedCounts()).map(n -> n / s.steps()).toArray();
      behaviours.put(draftLength, new Behaviour(s.tokensPerStep(), s.speedup(), shares));
    }
    return new Source(name, schedule, behaviours);
  }

  /**
   * As for a text without end, with every step at the cost that it has at the trace's mean context:
   * Theorem 3.8 where only a cost ratio is known.
   */
  private Source formula(Group group, double acceptance) {
    LatencyModel latency =
        deployment.latency().atTemperature(read.header().sampling().temperature());
    int batch = deployment.batch();
    int context = group.meanContext();
    Schedule schedule = new Schedule.Constant(acceptance);
    Map<Integer, Behaviour> behaviours = new LinkedHashMap<>();
    for (int draftLength : draftLengths) {
      double tokensPerStep = Metrics.independentTokensPerStep(acceptance, draftLength);
      double stepTime = latency.step(batch, draft.step(draftLength), context);
      double[] shares = schedule.survival(draftLength);
      for (int j = 0; j < draftLength; j++) {
        shares[j] -= shares[j + 1];
      }
      behaviours.put(
          draftLength,
          new Behaviour(
              tokensPerStep,
              Metrics.speedup(tokensPerStep * latency.baselineStep(batch, context), stepTime),
              shares));
    }
    return new Source(FORMULA, schedule.name(), behaviours);
  }

  /**
   * Every source at every draft length.
   *
   * @param domain {@link ReservedNames#ALL_DOMAINS} for everything
   */
  public List<ComparisonRow> rows(String domain) {
    Group group = group(domain);
    List<Source> sources = sources(group);
    Source recorded = sources.get(0);
    double best = recorded.behaviours.get(recorded.best()).speedup;
    ReplayStatistics s = group.of(draft, longest());
    ComparisonRow.Key key =
        new ComparisonRow.Key(read.name(), domain, draft.name(), rule.name(), deployment.name());
    ComparisonRow.Counts counts =
        new ComparisonRow.Counts(s.sequences(), s.positions(), Metrics.known(s.overlap()));
    Map<Integer, Interval> intervals = new LinkedHashMap<>();
    for (int draftLength : draftLengths) {
      intervals.put(
          draftLength,
          read.sampledTexts() ? group.of(draft, draftLength).intervals().speedup() : null);
    }
    List<ComparisonRow> rows = new ArrayList<>();
    for (Source source : sources) {
      for (int draftLength : draftLengths) {
        Behaviour said = source.behaviours.get(draftLength);
        Behaviour here = recorded.behaviours.get(draftLength);
        rows.add(
            new ComparisonRow(
                key,
                counts,
                new ComparisonRow.Choice(
                    source.name, source.schedule, draftLength, draftLength == source.best()),
                new ComparisonRow.Predicted(said.tokensPerStep, said.speedup),
                new ComparisonRow.Recorded(
                    here.tokensPerStep, here.speedup, intervals.get(draftLength), best),
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
                      new HistogramRow.Key(read.name(), domain, draft.name(), rule.name()),
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
  public Preset fit(String name) {
    String domain = read.domain();
    Group group = tally.all();
    TraceHeader.Sampling sampling = read.header().sampling();
    long sequences = group.of(draft, longest()).sequences();
    return new Preset(
        name,
        "accepts as draft "
            + draft.name()
            + " under rule "
            + rule.name()
            + (domain.equals(ReservedNames.ALL_DOMAINS) ? "" : " on domain " + domain)
            + " at draft length "
            + longest(),
        group.fit.schedule(),
        "fitted to "
            + read.name()
            + ": target "
            + read.header().target().name()
            + ", draft "
            + draft.name()
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
