package redraft.report;

import static redraft.report.TextTable.number;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import redraft.traffic.Estimate;
import redraft.traffic.ServingSetting;
import redraft.traffic.Times;
import redraft.traffic.TrafficResult;
import redraft.traffic.TrafficRow;
import redraft.traffic.TrafficStudy;

/** What requests get under load, as rows and as tables for people. */
public final class TrafficTables {
  /** {@code traffic}; times are means over runs of the statistic of each run. */
  public static final Columns<TrafficRow> COLUMNS = columns();

  private TrafficTables() {}

  private static Columns<TrafficRow> columns() {
    Columns<TrafficRow> columns =
        new Columns<TrafficRow>()
            .add("load", row -> row.load().name())
            .add("rate", row -> row.load().rate())
            .add("users", row -> row.load().users())
            .add("draft", row -> row.setting().plain() ? null : row.setting().draft().name())
            .add("rule", row -> row.setting().plain() ? null : row.setting().rule().name())
            .add("policy", row -> row.setting().policy())
            .add("draft_length", row -> row.setting().draftLength())
            .add("target_model", row -> row.server().latency().targetModel())
            .add("draft_model", row -> row.server().latency().draftModel())
            .add("hardware", row -> row.server().latency().name())
            .add("runs", row -> row.runs().size())
            .add("requests", TrafficRow::requests);
    times(columns, "ttft_ms", TrafficResult::ttft);
    times(columns, "tpot_ms", TrafficResult::tpot);
    times(columns, "latency_ms", TrafficResult::latency);
    return columns
        .add("tokens_per_second", mean(result -> result.server().tokensPerSecond()))
        .add("slo_attained", TrafficRow::attained)
        .add("goodput", mean(TrafficResult::goodput))
        .add("latency_speedup", row -> known(row.latencySpeedup().mean()))
        .add("latency_speedup_low", row -> known(row.latencySpeedup().low()))
        .add("latency_speedup_high", row -> known(row.latencySpeedup().high()))
        .add("tpot_speedup", row -> known(row.tpotSpeedup().mean()))
        .add("tpot_speedup_low", row -> known(row.tpotSpeedup().low()))
        .add("tpot_speedup_high", row -> known(row.tpotSpeedup().high()))
        .add("tokens_per_step", mean(result -> result.work().tokensPerStep()))
        .add("utilisation", mean(result -> result.server().utilisation()))
        .add("batch_mean", mean(result -> result.server().batchMean()))
        .add("batch_max", mean(result -> result.server().batchMost()))
        .add("waiting_mean", mean(result -> result.server().waitingMean()))
        .add("kv_used_mean", mean(result -> result.server().kvMean()))
        .add("kv_used_max", mean(result -> result.server().kvMost()))
        .add("preemptions", mean(result -> result.work().preemptions()))
        .add("recomputed_tokens", mean(result -> result.work().recomputedTokens()))
        .add("usd_per_million_tokens", row -> known(row.usdPerMillionTokens()))
        .add("overloaded", TrafficRow::overloaded);
  }

  private static void times(
      Columns<TrafficRow> columns, String name, Function<TrafficResult, Times.Percentiles> times) {
    columns
        .add(name + "_mean", mean(result -> times.apply(result).mean()))
        .add(name + "_mean_low", row -> known(row.of(r -> times.apply(r).mean()).low()))
        .add(name + "_mean_high", row -> known(row.of(r -> times.apply(r).mean()).high()))
        .add(name + "_p50", mean(result -> times.apply(result).p50()))
        .add(name + "_p90", mean(result -> times.apply(result).p90()))
        .add(name + "_p99", mean(result -> times.apply(result).p99()));
  }

  private static Function<TrafficRow, Object> mean(ToDoubleFunction<TrafficResult> number) {
    return row -> known(row.of(number).mean());
  }

  private static Double known(double value) {
    return Double.isNaN(value) ? null : (Double) value;
  }

  /** Every way to serve under every load. */
  public static TextTable all(TrafficStudy study) {
    List<TrafficRow> rows = study.rows();
    Collection<ServingSetting> settings = study.bySetting().keySet();
    boolean slo = rows.stream().anyMatch(row -> row.server().slo().any());
    boolean bounded = rows.stream().anyMatch(row -> row.of(r -> r.server().kvMost()).mean() > 0);
    List<String> titles =
        new ArrayList<>(
            List.of(
                "load",
                "decoding",
                "TTFT ms",
                "p99",
                "TPOT ms",
                "p99",
                "latency s",
                "p99",
                "sooner",
                "95% interval",
                "tokens/s",
                "batch"));
    TextTable.addIf(titles, slo, "in SLO");
    TextTable.addIf(titles, bounded, "KV");
    TextTable table = new TextTable(titles.toArray(String[]::new));
    for (TrafficRow row : rows) {
      Estimate sooner = row.latencySpeedup();
      List<String> cells =
          new ArrayList<>(
              List.of(
                  row.load().name() + (row.overloaded() ? " !" : ""),
                  words(row.setting(), settings),
                  number(row.of(r -> r.ttft().mean()).mean(), 0),
                  number(row.of(r -> r.ttft().p99()).mean(), 0),
                  number(row.of(r -> r.tpot().mean()).mean(), 2),
                  number(row.of(r -> r.tpot().p99()).mean(), 2),
                  number(row.of(r -> r.latency().mean()).mean() / 1e3, 2),
                  number(row.of(r -> r.latency().p99()).mean() / 1e3, 2),
                  row.setting().plain() ? "–" : number(sooner.mean(), 3),
                  row.setting().plain()
                      ? "–"
                      : TextTable.interval(known(sooner.low()), known(sooner.high()), 3),
                  number(row.of(r -> r.server().tokensPerSecond()).mean(), 0),
                  number(row.of(r -> r.server().batchMean()).mean(), 1)));
      TextTable.addIf(cells, slo, percent(row.attained()));
      TextTable.addIf(cells, bounded, percent(row.of(r -> r.server().kvMean()).mean()));
      table.add(cells.toArray(String[]::new));
    }
    return table.labels("load", "decoding").best(soonest(study), "ends requests soonest");
  }

  /** Of every load the way to serve that ends requests soonest, where there are others. */
  private static Set<Integer> soonest(TrafficStudy study) {
    Set<Integer> soonest = new HashSet<>();
    List<TrafficRow> rows = study.rows();
    for (int i = 0; i < rows.size(); i++) {
      if (!rows.get(i).setting().plain() && rows.get(i) == study.fastest(rows.get(i).load())) {
        soonest.add(i);
      }
    }
    return soonest;
  }

  /**
   * A way to serve in a few words.
   *
   * @param all ways to serve; where they have several drafts or rules, words name them
   */
  public static String words(ServingSetting setting, Collection<ServingSetting> all) {
    if (setting.plain()) {
      return "plain";
    }
    String draft = several(all, each -> each.draft().name()) ? setting.draft().name() + ", " : "";
    String rule = several(all, each -> each.rule().name()) ? setting.rule().name() + ", " : "";
    return draft + rule + lengths(setting);
  }

  private static boolean several(
      Collection<ServingSetting> all, Function<ServingSetting, String> name) {
    return all.stream().filter(each -> !each.plain()).map(name).distinct().count() > 1;
  }

  private static String lengths(ServingSetting setting) {
    String policy = setting.policy();
    String tree = setting.draft().tree() == null ? "" : " of " + setting.draft().tree();
    return policy.equals("fixed")
        ? "K = " + setting.draftLength() + tree
        : policy
            + (ServingSetting.byLength(policy)
                ? ", K = " + setting.draftLength()
                : policy.startsWith("batch-table") || policy.startsWith("sglang-adaptive")
                    ? ""
                    : ", K ≤ " + setting.draftLength())
            + tree;
  }

  /** Plain decoding beside the way to serve that ends requests soonest, a line for each load. */
  public static TextTable fastest(TrafficStudy study) {
    TextTable table =
        new TextTable(
            "load",
            "plain TTFT ms",
            "p99",
            "TPOT ms",
            "latency s",
            "soonest with",
            "TTFT ms",
            "p99",
            "TPOT ms",
            "latency s",
            "sooner",
            "95% interval");
    for (TrafficRow plain : study.rows()) {
      if (!plain.setting().plain()) {
        continue;
      }
      TrafficRow fastest = study.fastest(plain.load());
      Estimate sooner = fastest.latencySpeedup();
      table.add(
          plain.load().name() + (plain.overloaded() ? " !" : ""),
          number(plain.of(r -> r.ttft().mean()).mean(), 0),
          number(plain.of(r -> r.ttft().p99()).mean(), 0),
          number(plain.of(r -> r.tpot().mean()).mean(), 2),
          number(plain.of(r -> r.latency().mean()).mean() / 1e3, 2),
          words(fastest.setting(), study.bySetting().keySet()) + (fastest.overloaded() ? " !" : ""),
          number(fastest.of(r -> r.ttft().mean()).mean(), 0),
          number(fastest.of(r -> r.ttft().p99()).mean(), 0),
          number(fastest.of(r -> r.tpot().mean()).mean(), 2),
          number(fastest.of(r -> r.latency().mean()).mean() / 1e3, 2),
          number(sooner.mean(), 3),
          fastest.setting().plain()
              ? "–"
              : TextTable.interval(known(sooner.low()), known(sooner.high()), 3));
    }
    return table.labels("load", "soonest with");
  }

  private static String percent(double part) {
    return String.format(Locale.ROOT, "%.0f%%", 100 * part);
  }
}
