package redraft.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import redraft.latency.LatencyModel;
import redraft.replay.ReplayOptions;
import redraft.replay.TraceReplay.Outcome;
import redraft.replay.TraceReplay.Setting;
import redraft.replay.TraceReplay.Source;
import redraft.sampling.RandomStreams;
import redraft.trace.TraceSequence;

/**
 * Gathers the outcomes of one trace into rows: everything first, then domain by domain in
 * alphabetical order.
 */
public final class ReplayTable implements Consumer<Outcome> {
  /** The domain of the rows over everything. */
  public static final String ALL_DOMAINS = TraceSequence.ALL_DOMAINS;

  private final String trace;
  private final ReplayOptions options;
  private final Map<Setting, Group> overall = new LinkedHashMap<>();
  private final Map<String, Map<Setting, Group>> byDomain = new TreeMap<>();

  /** The outcomes under one setting, and for estimates the bounds on them. */
  private static final class Group {
    private final ReplayStatistics replayed = new ReplayStatistics();
    private final ReplayStatistics low = new ReplayStatistics();
    private final ReplayStatistics high = new ReplayStatistics();
    private int longestText; // tokens
  }

  /**
   * @param trace the name in the rows
   */
  public ReplayTable(String trace, ReplayOptions options) {
    this.trace = trace;
    this.options = options;
  }

  @Override
  public void accept(Outcome outcome) {
    add(overall, outcome);
    add(byDomain.computeIfAbsent(outcome.domain(), key -> new LinkedHashMap<>()), outcome);
  }

  private static void add(Map<Setting, Group> group, Outcome outcome) {
    Group replays = group.computeIfAbsent(outcome.setting(), key -> new Group());
    replays.replayed.add(outcome);
    replays.longestText =
        Math.max(replays.longestText, outcome.course() == null ? 0 : outcome.course().textTokens());
    if (outcome.bounds() != null) {
      replays.low.add(outcome, outcome.bounds().low());
      replays.high.add(outcome, outcome.bounds().high());
    }
  }

  private Map<String, Map<Setting, Group>> groups(boolean domains) {
    Map<String, Map<Setting, Group>> groups = new LinkedHashMap<>();
    groups.put(ALL_DOMAINS, overall);
    if (domains) {
      groups.putAll(byDomain);
    }
    return groups;
  }

  /**
   * @param source what {@link redraft.replay.TraceReplay#run} returned
   * @param domains whether to give rows for single domains too
   */
  public List<ReplayRow> rows(Source source, boolean domains) {
    List<ReplayRow> rows = new ArrayList<>();
    groups(domains)
        .forEach(
            (domain, group) ->
                group.forEach((setting, g) -> rows.add(row(source, domain, setting, g))));
    return rows;
  }

  private ReplayRow row(Source source, String domain, Setting setting, Group group) {
    ReplayStatistics s = group.replayed;
    boolean estimated = group.low.sequences() > 0;
    LatencyModel latency = setting.deployment().latency();
    int batch = setting.deployment().batch();
    boolean timed = latency.unit() == LatencyModel.Unit.MILLISECONDS;
    Double msPerToken = timed ? s.timePerToken() : null;
    Double baselineMsPerToken = timed ? s.baselineTimePerToken() : null;
    double usdPerHour = timed ? setting.deployment().usdPerHour() : Double.NaN;
    // The same stream for every row: settings are compared on the same resamples.
    var intervals = s.intervals(new RandomStreams(options.seed()).stream("bootstrap"));
    Spread steps = s.stepsSpread();
    Spread sampled = s.speedupSpread();
    return new ReplayRow(
        trace,
        domain,
        setting.draft(),
        setting.rule().name(),
        setting.policy(),
        setting.draftLength(),
        Objects.requireNonNullElse(latency.targetModel(), source.header().target().name()),
        Objects.requireNonNullElse(latency.draftModel(), setting.draft()),
        latency.name(),
        batch,
        s.sequences(),
        s.positions(),
        s.steps(),
        s.drafted(),
        s.accepted(),
        s.tokensPerStep(),
        known(s.draftAcceptanceRate()),
        known(s.overlap()),
        baselineMsPerToken,
        msPerToken,
        s.speedup(),
        intervals.speedup().low(),
        intervals.speedup().high(),
        usdPerMillionTokens(msPerToken, batch, usdPerHour),
        estimated ? "estimate" : sampled == null ? "exact" : "sampled",
        intervals.tokensPerStep().low(),
        intervals.tokensPerStep().high(),
        s.meanSequenceSpeedup(),
        known(s.meanThroughputSpeedup()),
        sampled == null ? null : options.timelines(),
        sampled == null ? null : steps.standardDeviation(),
        sampled == null ? null : sampled.standardDeviation(),
        sampled == null ? null : sampled.p05(),
        sampled == null ? null : sampled.p50(),
        sampled == null ? null : sampled.p95(),
        estimated ? group.low.tokensPerStep() : null,
        estimated ? group.high.tokensPerStep() : null,
        estimated ? group.low.speedup() : null,
        estimated ? group.high.speedup() : null,
        setting.deployment().contextTokens(),
        timed ? Metrics.tokensPerSecond(msPerToken, batch) : null,
        timed ? Metrics.tokensPerSecond(baselineMsPerToken, batch) : null,
        usdPerMillionTokens(baselineMsPerToken, batch, usdPerHour),
        latency.shortfall(batch, group.longestText));
  }

  private static Double usdPerMillionTokens(Double msPerToken, int batch, double usdPerHour) {
    return Double.isNaN(usdPerHour)
        ? null
        : Metrics.usdPerMillionTokens(msPerToken, batch, usdPerHour);
  }

  private static Double known(double value) {
    return Double.isNaN(value) ? null : value;
  }

  /** The histograms of accepted counts, where the options asked for them. */
  public List<AcceptanceRow> acceptance(boolean domains) {
    List<AcceptanceRow> rows = new ArrayList<>();
    groups(domains)
        .forEach(
            (domain, group) ->
                group.forEach((setting, g) -> addAcceptance(rows, domain, setting, g.replayed)));
    return rows;
  }

  private void addAcceptance(
      List<AcceptanceRow> rows, String domain, Setting setting, ReplayStatistics s) {
    double[] counts = s.acceptedCounts();
    double before = Double.NaN; // P(accepted ≥ j − 1)
    double reached = s.steps(); // expected steps that accept at least j
    for (int j = 0; j < counts.length; j++) {
      double joint = reached / s.steps();
      rows.add(
          new AcceptanceRow(
              trace,
              domain,
              setting.draft(),
              setting.rule().name(),
              setting.policy(),
              setting.draftLength(),
              j,
              counts[j],
              counts[j] / s.steps(),
              joint,
              known(joint / before)));
      before = joint;
      reached -= counts[j];
    }
  }
}
