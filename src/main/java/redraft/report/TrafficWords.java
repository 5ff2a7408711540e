package redraft.report;

import static redraft.report.TextTable.number;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import redraft.traffic.Estimate;
import redraft.traffic.OfferedLoad;
import redraft.traffic.ServingSetting;
import redraft.traffic.TrafficResult;
import redraft.traffic.TrafficRow;
import redraft.traffic.TrafficStudy;

/** What was found under load, in titles. */
final class TrafficWords {
  /** A time of requests, in milliseconds, and how to read its chart. */
  record Time(String name, String caption, ToDoubleFunction<TrafficResult> p99) {}

  static final Time TTFT =
      new Time(
          "time to first token",
          "One of a hundred requests waits longer than that for its first token.",
          result -> result.ttft().p99());

  static final Time TPOT =
      new Time(
          "time per output token",
          "One of a hundred requests gets its further tokens, on average over them, more slowly than that.",
          result -> result.tpot().p99());

  private static final String TABLE = "batch-table:";
  private static final int LONGEST_TITLE = 95; // that a picture holds

  private final TrafficStudy study;
  private final Map<ServingSetting, List<TrafficRow>> bySetting;
  private final List<OfferedLoad> loads;

  TrafficWords(TrafficStudy study) {
    this.study = study;
    bySetting = study.bySetting();
    loads =
        study.rows().stream()
            .map(TrafficRow::load)
            .distinct()
            .sorted(Comparator.comparing(load -> x(load) == null ? 0 : x(load)))
            .toList();
  }

  /** The place of a load on an axis: its rate, or its users; null where it has neither. */
  Double x(OfferedLoad load) {
    return load.rate() != null
        ? load.rate()
        : load.users() == null ? null : Double.valueOf(load.users());
  }

  boolean byRate() {
    return loads.stream().allMatch(load -> load.rate() != null);
  }

  /** Whether there are several loads that an axis can hold. */
  boolean sweep() {
    return loads.size() > 1 && (byRate() || loads.stream().allMatch(load -> load.users() != null));
  }

  String xTitle() {
    return byRate() ? "requests that come, a second" : "users who ask again";
  }

  /**
   * A way to serve, whose draft length stays in its line; a table by its kind where it is alone.
   */
  String of(ServingSetting setting) {
    String name = TrafficTables.words(setting, bySetting.keySet());
    boolean table = !setting.plain() && setting.policy().startsWith(TABLE);
    return (table && tables() == 1 ? name.replace(setting.policy(), "batch table") : name)
        .replaceAll("K ([=≤]) ", "K\u00a0$1\u00a0");
  }

  private long tables() {
    return bySetting.keySet().stream()
        .filter(setting -> !setting.plain())
        .map(ServingSetting::policy)
        .filter(policy -> policy.startsWith(TABLE))
        .distinct()
        .count();
  }

  /** Whether speculation helps, and up to where. */
  String headline() {
    List<TrafficRow> fastest = loads.stream().map(study::fastest).toList();
    long helped = fastest.stream().filter(row -> !row.setting().plain()).count();
    if (bySetting.size() == 1) {
      List<TrafficRow> plain = bySetting.values().iterator().next();
      String at = loads.size() == 1 ? "" : " at " + loads.get(0).name();
      return "Plain decoding: mean latency " + duration(latency(plain.get(0))) + at + last(plain);
    }
    if (loads.size() == 1) {
      return one(fastest.get(0));
    }
    if (byRate()) {
      Collection<ServingSetting> drafting =
          bySetting.keySet().stream().filter(setting -> !setting.plain()).toList();
      ServingSetting furthest = null;
      for (ServingSetting setting : drafting) {
        furthest = furthest == null || further(setting, furthest) ? setting : furthest;
      }
      double stops = TrafficStudy.stopsHelping(bySetting.get(furthest));
      if (Double.isNaN(stops)) {
        return "Speculation helps at every rate here, up to "
            + loads.get(loads.size() - 1).name()
            + " ("
            + of(furthest)
            + ")";
      }
      if (stops > 0) {
        return "Speculation helps up to " + OfferedLoad.rate(stops) + " (" + of(furthest) + ")";
      }
    }
    return helped == 0
        ? "Speculation helps under none of these loads"
        : helped == loads.size()
            ? "Speculation helps under all of these loads"
            : "Speculation helps under " + helped + " of " + loads.size() + " loads";
  }

  /** Whether one helps up to a higher rate than another, or gains more at the last rate. */
  private boolean further(ServingSetting one, ServingSetting other) {
    double stops = TrafficStudy.stopsHelping(bySetting.get(one));
    double before = TrafficStudy.stopsHelping(bySetting.get(other));
    return Double.isNaN(stops) && Double.isNaN(before)
        ? lastGain(one) > lastGain(other)
        : Double.isNaN(stops) || stops > before;
  }

  private double lastGain(ServingSetting setting) {
    List<TrafficRow> rows = bySetting.get(setting);
    return rows.get(rows.size() - 1).latencySpeedup().mean();
  }

  private String one(TrafficRow fastest) {
    if (fastest.setting().plain()) {
      return "Speculation does not help at " + fastest.load().name();
    }
    Estimate sooner = fastest.latencySpeedup();
    return (sooner.low() <= 1 ? "Too close to call at " : "Speculation helps at ")
        + fastest.load().name()
        + ": requests end "
        + number(sooner.mean(), 2)
        + " times sooner with "
        + of(fastest.setting());
  }

  private static double latency(TrafficRow row) {
    return row.of(result -> result.latency().mean()).mean();
  }

  private static String last(List<TrafficRow> rows) {
    TrafficRow last = rows.get(rows.size() - 1);
    return rows.size() == 1 ? "" : ", " + duration(latency(last)) + " at " + last.load().name();
  }

  /**
   * Up to which load a time stays within its bound, or what it is where there is none.
   *
   * @param bound infinity for none
   */
  String title(Time time, double bound) {
    List<TrafficRow> plain = bySetting.values().iterator().next();
    if (!Double.isFinite(bound)) {
      TrafficRow busy = row(plain, busiest());
      TrafficRow fastest = study.fastest(busy.load());
      return "p99 "
          + time.name
          + " at "
          + busy.load().name()
          + ": "
          + duration(busy.of(time.p99).mean())
          + (fastest.setting().plain()
              ? ""
              : " plain, "
                  + duration(fastest.of(time.p99).mean())
                  + " with "
                  + of(fastest.setting()));
    }
    String what = "p99 " + time.name + " is within " + duration(bound) + " ";
    int ofPlain = within(plain, time, bound);
    ServingSetting best = null;
    int most = ofPlain;
    for (var entry : bySetting.entrySet()) {
      int reached = within(entry.getValue(), time, bound);
      if (reached > most) {
        best = entry.getKey();
        most = reached;
      }
    }
    return best == null
        ? what + upTo(ofPlain) + (bySetting.size() == 1 ? "" : ", drafting reaches no further")
        : what + upTo(most) + " with " + of(best) + ", plain " + upTo(ofPlain);
  }

  /** Loads from the lowest on whose time is within a bound. */
  private int within(List<TrafficRow> rows, Time time, double bound) {
    int count = 0;
    while (count < loads.size() && row(rows, loads.get(count)).of(time.p99).mean() <= bound) {
      count++;
    }
    return count;
  }

  private String upTo(int count) {
    return count == 0 ? "at no load here" : "up to " + loads.get(count - 1).name();
  }

  private static TrafficRow row(List<TrafficRow> rows, OfferedLoad load) {
    return rows.stream().filter(row -> row.load() == load).findFirst().orElseThrow();
  }

  String goodput() {
    TrafficRow plain = mostGoodput(bySetting.values().iterator().next());
    TrafficRow best = mostGoodput(study.rows());
    return best.setting().plain()
        ? "Plain decoding serves most within the SLO: " + goodput(best)
        : "Within the SLO "
            + of(best.setting())
            + " serves up to "
            + goodput(best)
            + ", plain decoding "
            + goodput(plain);
  }

  private static TrafficRow mostGoodput(List<TrafficRow> rows) {
    TrafficRow most = rows.get(0);
    for (TrafficRow row : rows) {
      most =
          row.of(TrafficResult::goodput).mean() > most.of(TrafficResult::goodput).mean()
              ? row
              : most;
    }
    return most;
  }

  private static String goodput(TrafficRow row) {
    double goodput = row.of(TrafficResult::goodput).mean();
    return goodput > 0 ? OfferedLoad.rate(goodput) : "none";
  }

  /** Which way to serve ends requests soonest, from the lowest load to the highest. */
  String best() {
    List<String> ranges = new ArrayList<>();
    for (int i = 0; i < loads.size(); i++) {
      ServingSetting here = study.fastest(loads.get(i)).setting();
      boolean last = i == loads.size() - 1;
      if (last || study.fastest(loads.get(i + 1)).setting() != here) {
        ranges.add(
            of(here) + (last ? ranges.isEmpty() ? " everywhere" : " above" : " up to " + name(i)));
      }
    }
    String title = "Requests end soonest with " + String.join(", ", ranges);
    return title.length() <= LONGEST_TITLE
        ? title
        : "Which way to draft ends requests soonest changes with the load";
  }

  /** The unit is said once. */
  private String name(int load) {
    return byRate() && load > 0
        ? significant(loads.get(load).rate()) + "/s"
        : loads.get(load).name();
  }

  /** The highest load that plain decoding can serve; the lowest where it can serve none. */
  OfferedLoad busiest() {
    OfferedLoad busiest = loads.get(0);
    for (OfferedLoad load : loads) {
      busiest = row(bySetting.values().iterator().next(), load).overloaded() ? busiest : load;
    }
    return busiest;
  }

  /** How many requests share passes. */
  String batch(OfferedLoad load, ServingSetting fastest) {
    String plain = batch(bySetting.values().iterator().next(), load);
    return "At "
        + load.name()
        + " "
        + plain
        + " requests run together"
        + (fastest.plain()
            ? " on average"
            : " plain, " + batch(bySetting.get(fastest), load) + " with " + of(fastest));
  }

  private static String batch(List<TrafficRow> rows, OfferedLoad load) {
    return significant(row(rows, load).of(result -> result.server().batchMean()).mean());
  }

  /** Milliseconds as they are said. */
  static String duration(double ms) {
    return ms >= 1e3 ? significant(ms / 1e3) + " s" : significant(ms) + " ms";
  }

  /** With three digits. */
  static String significant(double value) {
    return Double.isFinite(value)
        ? new BigDecimal(value).round(new MathContext(3)).stripTrailingZeros().toPlainString()
        : "–";
  }
}
