package redraft.cli;

import static redraft.report.TextTable.number;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import redraft.report.TextTable;
import redraft.report.TrafficTables;
import redraft.traffic.ArrivalSummary;
import redraft.traffic.Estimate;
import redraft.traffic.OfferedLoad;
import redraft.traffic.ServingSetting;
import redraft.traffic.Times;
import redraft.traffic.TrafficRow;
import redraft.traffic.TrafficStudy;

/** Whether speculation helps at a load, and from which rate on it no longer does. */
final class TrafficAnswers {
  private TrafficAnswers() {}

  static List<String> lines(TrafficStudy study, double sloPart) {
    List<String> lines = new ArrayList<>();
    boolean drafts = study.rows().stream().anyMatch(row -> !row.setting().plain());
    if (drafts && !byRate(study)) {
      for (OfferedLoad load : loads(study)) {
        lines.add(load.name() + ": " + helps(study, study.fastest(load)));
      }
    }
    if (!byRate(study)) {
      return lines;
    }
    study
        .bySetting()
        .forEach(
            (setting, rows) -> {
              String words = words(setting, rows, sloPart);
              if (!words.isEmpty()) {
                lines.add(TrafficTables.words(setting, study.bySetting().keySet()) + ": " + words);
              }
            });
    return lines;
  }

  private static boolean byRate(TrafficStudy study) {
    return study.rows().stream().allMatch(row -> row.load().rate() != null)
        && loads(study).size() > 1;
  }

  private static List<OfferedLoad> loads(TrafficStudy study) {
    return study.rows().stream().map(TrafficRow::load).distinct().toList();
  }

  private static String helps(TrafficStudy study, TrafficRow fastest) {
    if (fastest.setting().plain()) {
      return "speculation does not help, plain decoding ends requests soonest";
    }
    Estimate sooner = fastest.latencySpeedup();
    boolean sure = Double.isNaN(sooner.low()) || sooner.low() > 1;
    return (sure ? "speculation helps" : "too close to call")
        + ", requests end "
        + number(sooner.mean(), 2)
        + " times sooner with "
        + TrafficTables.words(fastest.setting(), study.bySetting().keySet())
        + (Double.isNaN(sooner.low())
            ? ""
            : " (95% over runs " + TextTable.interval(sooner.low(), sooner.high(), 2) + ")");
  }

  private static String words(ServingSetting setting, List<TrafficRow> rows, double sloPart) {
    List<String> words = new ArrayList<>();
    if (!setting.plain()) {
      double stops = TrafficStudy.stopsHelping(rows);
      words.add(
          Double.isNaN(stops)
              ? "helps at every rate"
              : stops == 0 ? "helps at no rate" : "stops helping at " + OfferedLoad.rate(stops));
    }
    if (rows.get(0).server().slo().any()) {
      Double largest = TrafficStudy.largestRate(rows, sloPart);
      words.add(
          largest == null
              ? "meets the SLO at none of these rates"
              : "meets the SLO up to " + OfferedLoad.rate(largest));
    }
    return String.join("; ", words);
  }

  /**
   * What a real server took for the same requests, beside plain decoding.
   *
   * @param came null where requests are of no file
   */
  static List<String> measured(TrafficStudy study, ArrivalSummary came) {
    if (came == null || came.measured() == null) {
      return List.of();
    }
    TrafficRow plain = study.rows().get(0);
    if (plain.load().rate() != null) { // not at the rate at which they were measured
      return List.of();
    }
    return List.of(
        "",
        "Measured beside plain decoding, "
            + came.requests()
            + " requests: "
            + beside("TTFT", came.measured().ttft(), plain.runs().get(0).ttft())
            + "; "
            + beside("TPOT", came.measured().tpot(), plain.runs().get(0).tpot())
            + "; "
            + beside("latency", came.measured().latency(), plain.runs().get(0).latency()));
  }

  private static String beside(String what, Times.Percentiles was, Times.Percentiles is) {
    return what
        + " "
        + number(was.mean(), 1)
        + " ms, here "
        + error(was.mean(), is.mean())
        + ", p99 "
        + number(was.p99(), 1)
        + " ms, "
        + error(was.p99(), is.p99());
  }

  private static String error(double was, double is) {
    return String.format(Locale.ROOT, "%+.1f%%", 100 * (is / was - 1));
  }

  /** The same for programs. */
  static Map<String, Object> json(TrafficStudy study, TrafficAdvice advice, double sloPart) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put(
        "fastest",
        loads(study).stream().map(load -> TrafficTables.COLUMNS.of(study.fastest(load))).toList());
    List<Map<String, Object>> settings = new ArrayList<>();
    if (byRate(study)) {
      study
          .bySetting()
          .forEach(
              (setting, rows) -> {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("policy", setting.policy());
                one.put("draft_length", setting.draftLength());
                double stops = TrafficStudy.stopsHelping(rows);
                one.put(
                    "stops_helping_at_rate",
                    setting.plain() || Double.isNaN(stops) ? null : (Object) stops);
                one.put(
                    "largest_rate_in_slo",
                    rows.get(0).server().slo().any()
                        ? TrafficStudy.largestRate(rows, sloPart)
                        : null);
                settings.add(one);
              });
    }
    all.put("settings", settings);
    all.put("advice", advice == null ? null : advice.table());
    return all;
  }
}
