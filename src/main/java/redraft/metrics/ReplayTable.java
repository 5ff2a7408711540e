package redraft.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import redraft.latency.LatencyModel;
import redraft.replay.TraceReplay.Outcome;
import redraft.replay.TraceReplay.Setting;
import redraft.replay.TraceReplay.Source;
import redraft.sampling.RandomStreams;

/**
 * Gathers the outcomes of one trace into rows: everything first, then domain by domain in
 * alphabetical order.
 */
public final class ReplayTable implements Consumer<Outcome> {
  /** The domain of the rows over everything. */
  public static final String ALL_DOMAINS = "all";

  private final Map<Setting, ReplayStatistics> overall = new LinkedHashMap<>();
  private final Map<String, Map<Setting, ReplayStatistics>> byDomain = new TreeMap<>();

  @Override
  public void accept(Outcome outcome) {
    add(overall, outcome);
    add(byDomain.computeIfAbsent(outcome.domain(), key -> new LinkedHashMap<>()), outcome);
  }

  private static void add(Map<Setting, ReplayStatistics> group, Outcome outcome) {
    group
        .computeIfAbsent(outcome.setting(), key -> new ReplayStatistics())
        .add(outcome.id(), outcome.overlapSum(), outcome.expectation());
  }

  /**
   * @param trace the file's name
   * @param seed of the bootstrap
   */
  public List<ReplayRow> rows(
      String trace, Source source, LatencyModel latency, int batch, boolean domains, long seed) {
    List<ReplayRow> rows = new ArrayList<>();
    Map<String, Map<Setting, ReplayStatistics>> groups = new LinkedHashMap<>();
    groups.put(ALL_DOMAINS, overall);
    if (domains) {
      groups.putAll(byDomain);
    }
    boolean timed = latency.unit() == LatencyModel.Unit.MILLISECONDS;
    groups.forEach(
        (domain, group) ->
            group.forEach(
                (setting, s) -> {
                  // The same stream for every row: settings are compared on the same resamples.
                  Interval interval =
                      s.speedupInterval(new RandomStreams(seed).stream("bootstrap"));
                  rows.add(
                      new ReplayRow(
                          trace,
                          domain,
                          setting.draft(),
                          setting.rule().name(),
                          "fixed",
                          setting.draftLength(),
                          source.header().target().name(),
                          setting.draft(),
                          latency.name(),
                          batch,
                          s.sequences(),
                          s.positions(),
                          s.steps(),
                          s.drafted(),
                          s.accepted(),
                          s.tokensPerStep(),
                          s.draftAcceptanceRate(),
                          s.overlap(),
                          timed ? s.baselineTimePerToken() : null,
                          timed ? s.timePerToken() : null,
                          s.speedup(),
                          interval.low(),
                          interval.high(),
                          null));
                }));
    return rows;
  }
}
