package redraft.report;

import static redraft.report.TextTable.number;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import redraft.metrics.ReplayRow;
import redraft.trace.TraceHeader.DraftInfo;

/** What a report says in words and rounded numbers, the same in every format. */
final class Findings {
  private Findings() {}

  /** Cells under titles. */
  record Table(String caption, List<String> titles, List<List<String>> rows) {}

  /** The best setting of a trace at the first price, in a sentence. */
  static String headline(Report report, Report.Trace trace) {
    Report.Price price = report.prices().get(0);
    ReplayRow best = trace.best(price);
    String speedup = number(best.speedup(), 2) + " times plain decoding";
    return (best.speedup() > 1
            ? "Best of the settings compared: draft " + setting(best) + ", " + speedup
            : "No setting compared pays: the best, draft " + setting(best) + ", runs at " + speedup)
        + " (95% interval "
        + interval(best)
        + " over prompts), "
        + number(best.tokensPerStep(), 2)
        + " tokens a step, "
        + price(report, price)
        + ".";
  }

  private static String setting(ReplayRow row) {
    return row.draft() + ", rule " + row.rule() + ", draft length " + row.draftLength();
  }

  private static String interval(ReplayRow row) {
    return number(row.speedupLow(), 2) + " – " + number(row.speedupHigh(), 2);
  }

  /** A price in words. */
  static String price(Report report, Report.Price price) {
    if (price.costRatio() != null) {
      return "where a draft pass costs "
          + price.costRatio()
          + " of a target pass"
          + (report.assumedPrice() ? " (an assumption: no price was given)" : "");
    }
    return "priced as " + name(price);
  }

  /** What the numbers of a trace rest on. */
  static String restsOn(Report.Trace trace) {
    var sampling = trace.header().sampling();
    return String.format(
        Locale.ROOT,
        "%s: %,d texts of %,d prompts, %,d generated tokens, target %s, %s%s.",
        trace.name(),
        trace.sequences(),
        trace.prompts(),
        trace.positions(),
        trace.header().target().name(),
        sampling.temperature() == 0
            ? "greedy decoding"
            : "temperature "
                + sampling.temperature()
                + (sampling.topK() == 0 ? "" : ", top-k " + sampling.topK())
                + (sampling.topP() == 1 ? "" : ", top-p " + sampling.topP()),
        trace.complete() ? "" : "; the recording was cut after these texts");
  }

  /** What is exact and what is not. */
  static List<String> exactness(Report report, Report.Trace trace) {
    List<String> lines = new ArrayList<>();
    lines.add(
        trace.hasProbabilities()
            ? "Exact: expected steps, drafted and accepted tokens on the recorded texts, at the recording's own sampling "
                + "settings. They follow from the recorded probabilities; nothing was sampled."
            : "Exact: steps and accepted tokens, from measured accept lengths. The recording holds no probabilities, so "
                + "rules other than token, overlap and the probabilities of single tokens cannot be shown.");
    lines.add(
        report.assumedPrice()
            ? "An assumption: the price. No hardware or cost ratio was named, so speedups stand for a draft pass that costs "
                + report.prices().get(0).costRatio()
                + " of a target pass, and a verification that costs one target pass."
            : "As good as the prices: speedups and costs. They are exact for the prices given.");
    for (Report.Price price : report.prices()) {
      if (price.targetModel() != null
          && !price.targetModel().equals(trace.header().target().name())) {
        lines.add(
            "Two pairs in one number: acceptance is that of the recording, prices ("
                + name(price)
                + ") are those of other models. The speedup is theirs as far as they would agree as often as the recorded pair.");
        break;
      }
    }
    for (Report.Price price : report.prices()) {
      if (trace.best(price).shortfall() != null) {
        lines.add("Does not run as priced: " + trace.best(price).shortfall() + ".");
      }
    }
    lines.add(
        "An estimate: the intervals (bootstrap over prompts). They say how far a number would move with other prompts of "
            + "the same kind; the best of many settings is a little flattered by having been chosen on the same prompts.");
    return lines;
  }

  /** The best settings: by price where there are several, and by domain. */
  static List<Table> tables(Report report, Report.Trace trace) {
    Table byDomain = byDomain(report, trace);
    return report.prices().size() == 1
        ? List.of(byDomain)
        : List.of(byPrice(report, trace), byDomain);
  }

  /** What was asked for, and what the recordings are. */
  static List<Table> settings(Report report) {
    List<List<String>> settings = new ArrayList<>();
    settings.add(List.of("rules", String.join(", ", report.rules())));
    settings.add(
        List.of(
            "draft lengths",
            String.join(", ", report.draftLengths().stream().map(Object::toString).toList())));
    for (Report.Price price : report.prices()) {
      settings.add(
          List.of(
              "price",
              price.costRatio() == null
                  ? name(price)
                      + (price.usdPerHour() == null
                          ? ""
                          : ", " + price.usdPerHour() + " US dollars an hour")
                  : "cost ratio "
                      + price.costRatio()
                      + (report.assumedPrice() ? ", assumed" : "")));
    }
    settings.add(List.of("seed", Long.toString(report.seed())));
    List<List<String>> recordings = new ArrayList<>();
    for (Report.Trace trace : report.traces()) {
      var sampling = trace.header().sampling();
      recordings.add(
          List.of(
              trace.name(),
              trace.header().target().name(),
              String.join(", ", trace.header().drafts().stream().map(DraftInfo::name).toList()),
              Double.toString(sampling.temperature()),
              sampling.topK() == 0 ? "all" : Integer.toString(sampling.topK()),
              Double.toString(sampling.topP()),
              Long.toString(sampling.seed()),
              Long.toString(trace.sequences()),
              Long.toString(trace.positions())));
    }
    return List.of(
        new Table("Compared", List.of("setting", "value"), settings),
        new Table(
            "Recordings",
            List.of(
                "trace",
                "target",
                "drafts",
                "temperature",
                "top-k",
                "top-p",
                "seed",
                "texts",
                "tokens"),
            recordings));
  }

  /** A price among those of the report: without the models that all of them are of. */
  static String name(Report report, Report.Price price) {
    boolean onePair =
        report.prices().stream()
                .map(one -> one.targetModel() + " + " + one.draftModel())
                .distinct()
                .count()
            == 1;
    return price.hardware() + (onePair ? "" : models(price)) + load(price);
  }

  private static String models(Report.Price price) {
    return (price.targetModel() == null ? "" : ", " + price.targetModel())
        + (price.draftModel() == null ? "" : " + " + price.draftModel());
  }

  private static String load(Report.Price price) {
    return (price.batch() == 1 ? "" : ", batch " + price.batch())
        + (price.context() == null ? "" : ", context " + price.context());
  }

  /** A price in a few words. */
  static String name(Report.Price price) {
    return price.hardware() + models(price) + load(price);
  }

  /** The best setting at each price. */
  private static Table byPrice(Report report, Report.Trace trace) {
    return table(
        "Best setting by price",
        "price",
        report.prices().stream().map(price -> name(report, price)).toList(),
        report.prices().stream().map(trace::best).toList());
  }

  /** The best setting of each domain at the first price. */
  private static Table byDomain(Report report, Report.Trace trace) {
    List<ReplayRow> best = trace.bestByDomain(report.prices().get(0));
    return table(
        "Best setting by domain", "domain", best.stream().map(ReplayRow::domain).toList(), best);
  }

  private static Table table(
      String caption, String title, List<String> keys, List<ReplayRow> rows) {
    boolean timed = rows.stream().anyMatch(row -> row.msPerToken() != null);
    boolean priced = rows.stream().anyMatch(row -> row.usdPerMillionTokens() != null);
    List<String> titles =
        new ArrayList<>(
            List.of(
                title,
                "draft",
                "rule",
                "K",
                "tokens/step",
                "accepted/drafted",
                "speedup",
                "95% interval"));
    if (timed) {
      titles.addAll(List.of("ms/token", "plain ms/token"));
    }
    if (priced) {
      titles.addAll(List.of("USD/M tokens", "plain USD/M tokens"));
    }
    List<List<String>> lines = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      ReplayRow row = rows.get(i);
      List<String> cells =
          new ArrayList<>(
              List.of(
                  keys.get(i),
                  row.draft(),
                  row.rule(),
                  row.draftLength().toString(),
                  number(row.tokensPerStep(), 2),
                  number(row.draftAcceptanceRate(), 2),
                  number(row.speedup(), 2),
                  interval(row)));
      if (timed) {
        cells.add(number(row.msPerToken(), 2));
        cells.add(number(row.baselineMsPerToken(), 2));
      }
      if (priced) {
        cells.add(number(row.usdPerMillionTokens(), 2));
        cells.add(number(row.baselineUsdPerMillionTokens(), 2));
      }
      lines.add(cells);
    }
    return new Table(caption, titles, lines);
  }
}
