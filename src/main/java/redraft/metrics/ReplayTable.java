package redraft.metrics;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.replay.Setting;
import redraft.replay.Tally;
import redraft.replay.TraceReplay.Bounds;
import redraft.replay.TraceReplay.Outcome;
import redraft.replay.TraceReplay.Source;
import redraft.trace.ReservedNames;

/**
 * Gathers the outcomes of one trace into rows: everything first, then domain by domain in
 * alphabetical order.
 */
public final class ReplayTable implements Tally {
  private final int timelines;
  private final Map<Setting, Group> overall = new LinkedHashMap<>();
  private final Map<String, Map<Setting, Group>> byDomain = new TreeMap<>();

  /** The outcomes under one setting, and for estimates the bounds on them. */
  private static final class Group {
    private final ReplayStatistics replayed = new ReplayStatistics();
    private final ReplayStatistics low = new ReplayStatistics();
    private final ReplayStatistics high = new ReplayStatistics();
    private int longestText; // tokens

    void write(DataOutput out) throws IOException {
      replayed.write(out);
      low.write(out);
      high.write(out);
      out.writeInt(longestText);
    }

    void addFrom(DataInput in) throws IOException {
      replayed.addFrom(in);
      low.addFrom(in);
      high.addFrom(in);
      longestText = Math.max(longestText, in.readInt());
    }
  }

  /**
   * @param timelines that were sampled; 0 for exact expectations
   */
  public ReplayTable(int timelines) {
    this.timelines = timelines;
  }

  @Override
  public void accept(Outcome outcome) {
    add(overall, outcome);
    add(byDomain.computeIfAbsent(outcome.text().domain(), key -> new LinkedHashMap<>()), outcome);
  }

  @Override
  public Tally fresh() {
    return new ReplayTable(timelines);
  }

  @Override
  public void write(DataOutput out, List<Setting> settings) throws IOException {
    out.writeInt(byDomain.size());
    write(out, settings, overall);
    for (Map.Entry<String, Map<Setting, Group>> domain : byDomain.entrySet()) {
      Tally.writeText(out, domain.getKey());
      write(out, settings, domain.getValue());
    }
  }

  private static void write(DataOutput out, List<Setting> settings, Map<Setting, Group> groups)
      throws IOException {
    for (Setting setting : settings) {
      groups.getOrDefault(setting, new Group()).write(out);
    }
  }

  @Override
  public void addFrom(DataInput in, List<Setting> settings) throws IOException {
    int domains = in.readInt();
    addFrom(in, settings, overall);
    for (int i = 0; i < domains; i++) {
      addFrom(
          in, settings, byDomain.computeIfAbsent(Tally.readText(in), key -> new LinkedHashMap<>()));
    }
  }

  private static void addFrom(DataInput in, List<Setting> settings, Map<Setting, Group> groups)
      throws IOException {
    for (Setting setting : settings) {
      groups.computeIfAbsent(setting, key -> new Group()).addFrom(in);
    }
  }

  private static void add(Map<Setting, Group> group, Outcome outcome) {
    Group replays = group.computeIfAbsent(outcome.setting(), key -> new Group());
    replays.replayed.add(outcome);
    replays.longestText =
        Math.max(
            replays.longestText,
            outcome.text().sequence().textTokens(outcome.setting().deployment()));
    Bounds bounds = outcome.bounds();
    if (bounds != null) {
      replays.low.add(outcome.text(), bounds.low(), bounds.lowCost());
      replays.high.add(outcome.text(), bounds.high(), bounds.highCost());
    }
  }

  private Map<String, Map<Setting, Group>> groups(Source source, boolean domains) {
    Map<String, Map<Setting, Group>> groups = new LinkedHashMap<>();
    groups.put(source.domain(), overall);
    if (domains && source.domain().equals(ReservedNames.ALL_DOMAINS)) {
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
    groups(source, domains)
        .forEach(
            (domain, group) ->
                group.forEach((setting, g) -> rows.add(row(source, domain, setting, g))));
    return rows;
  }

  private ReplayRow row(Source source, String domain, Setting setting, Group group) {
    ReplayStatistics s = group.replayed;
    Deployment deployment = setting.deployment();
    LatencyModel latency = deployment.latency();
    boolean model = setting.draft().hasModel();
    boolean timed = deployment.timed();
    Spread sampled = s.speedupSpread();
    return new ReplayRow(
        new ReplayRow.Key(
            source.name(),
            domain,
            setting,
            Objects.requireNonNullElse(latency.targetModel(), source.header().target().name()),
            model && latency.draftModel() != null ? latency.draftModel() : setting.draft().name(),
            source.header().target().name(),
            source.sampledTexts() ? source.header().grade() : null),
        new ReplayRow.Counts(
            s.sequences(),
            s.positions(),
            s.steps(),
            s.drafted(),
            s.accepted(),
            Metrics.known(s.overlap()),
            Metrics.known(s.acceptedLimit())),
        new ReplayRow.Speed(
            timed ? (Double) s.baselineTimePerToken() : null,
            timed ? (Double) s.timePerToken() : null,
            s.speedup(),
            s.meanSequenceSpeedup(),
            Metrics.known(s.meanThroughputSpeedup())),
        source.sampledTexts() ? s.intervals() : ReplayRow.Intervals.NONE,
        sampled == null
            ? null
            : new ReplayRow.Sampled(timelines, s.stepsSpread().standardDeviation(), sampled),
        group.low.sequences() == 0
            ? null
            : new ReplayRow.Bounds(
                group.low.tokensPerStep(),
                group.high.tokensPerStep(),
                group.low.speedup(),
                group.high.speedup()),
        latency.shortfall(deployment.batch(), group.longestText, model));
  }

  /** The histograms of accepted counts, where the options asked for them. */
  public List<AcceptanceRow> acceptance(Source source, boolean domains) {
    List<AcceptanceRow> rows = new ArrayList<>();
    groups(source, domains)
        .forEach(
            (domain, group) ->
                group.forEach(
                    (setting, g) ->
                        addAcceptance(rows, source.name(), domain, setting, g.replayed)));
    return rows;
  }

  private static void addAcceptance(
      List<AcceptanceRow> rows, String trace, String domain, Setting setting, ReplayStatistics s) {
    double[] counts = s.acceptedCounts();
    double before = Double.NaN; // P(accepted ≥ j − 1)
    double reached = s.steps(); // expected steps that accept at least j
    for (int j = 0; j < counts.length; j++) {
      double joint = reached / s.steps();
      rows.add(
          new AcceptanceRow(
              new AcceptanceRow.Key(trace, domain, setting),
              j,
              counts[j],
              counts[j] / s.steps(),
              joint,
              Metrics.known(joint / before)));
      before = joint;
      reached -= counts[j];
    }
  }
}
