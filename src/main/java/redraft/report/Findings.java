package redraft.report;

import static redraft.report.TextTable.number;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import redraft.json.Visible;
import redraft.latency.CostError;
import redraft.latency.Deployment;
import redraft.metrics.Payoff;
import redraft.metrics.ReplayRow;
import redraft.trace.Grade;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.verify.VerificationRule;

/** What a report says in words and rounded numbers, the same in every format. */
final class Findings {
  private Findings() {}

  /** Cells under titles. */
  record Table(String caption, List<String> titles, List<List<String>> rows) {}

  /** The best setting of a trace under the first deployment, in a sentence. */
  static String headline(Report report, Report.Trace trace) {
    Deployment deployment = report.compared().deployments().get(0);
    ReplayRow best = trace.best(deployment);
    String speedup = number(best.speedup(), 2) + " times plain decoding";
    return (best.speedup() > 1
            ? (trace.trees().isEmpty()
                    ? "Best of the settings compared: draft "
                    : "Best of the chains compared: draft ")
                + setting(best)
                + ", "
                + speedup
            : (trace.trees().isEmpty()
                    ? "No setting compared pays: the best, draft "
                    : "No chain compared pays: the best, draft ")
                + setting(best)
                + ", runs at "
                + speedup)
        + (best.speedupLow() == null
            ? " (no interval), "
            : " (95% interval " + interval(best) + " over prompts), ")
        + number(best.tokensPerStep(), 2)
        + " tokens a step, "
        + cost(report, deployment)
        + ".";
  }

  private static String setting(ReplayRow row) {
    return row.draft() + ", rule " + row.rule() + ", draft length " + row.draftLength();
  }

  private static String interval(ReplayRow row) {
    return TextTable.interval(row.speedupLow(), row.speedupHigh(), 2);
  }

  /** What things cost, in words. */
  static String cost(Report report, Deployment deployment) {
    Double ratio = deployment.latency().onlyRatio();
    if (ratio != null) {
      return "where a draft pass costs "
          + ratio
          + " of a target pass"
          + (report.compared().assumedCost() ? " (an assumption: no cost was given)" : "");
    }
    return "at the costs of " + name(deployment);
  }

  /** What the numbers of a trace rest on. */
  static String restsOn(Report.Trace trace) {
    var sampling = trace.header().sampling();
    return String.format(
        Locale.ROOT,
        "%s: %,d texts of %,d prompts, %,d generated tokens, target %s, %s%s.",
        trace.name(),
        trace.sequences(),
        trace.study().texts().prompts(),
        trace.study().texts().positions(),
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
        trace.header().grade() != Grade.EXACT
            ? "Of grade '"
                + trace.header().grade().word()
                + "' ("
                + trace.header().source()
                + "): "
                + trace.header().grade().answers()
                + ". Not known: "
                + trace.header().grade().refused()
                + "."
            : trace.hasProbabilities()
                ? "Exact: expected steps, drafted and accepted tokens on the recorded texts, at the recording's own sampling "
                    + "settings. They follow from the recorded probabilities; nothing was sampled."
                : "Exact: steps and accepted tokens, from measured accept lengths. The recording holds no probabilities, so "
                    + "rules other than token, overlap and the probabilities of single tokens cannot be shown.");
    lines.add(
        report.compared().assumedCost()
            ? "An assumption: the cost. No hardware or cost ratio was named, so speedups stand for a draft pass that costs "
                + report.compared().deployments().get(0).latency().onlyRatio()
                + " of a target pass, and a verification that costs one target pass."
            : "As good as the costs of passes: speedups, times and prices. They are exact for the costs given.");
    for (Deployment deployment : report.compared().deployments()) {
      String target = deployment.latency().targetModel();
      if (target != null && !target.equals(trace.header().target().name())) {
        lines.add(
            "Two pairs in one number: acceptance is that of the recording, costs ("
                + name(deployment)
                + ") are those of other models. The speedup is theirs as far as they would agree as often as the recorded pair.");
        break;
      }
    }
    for (Deployment deployment : report.compared().deployments()) {
      CostError error = deployment.latency().costError();
      if (error.spread() > 0) {
        ReplayRow best = trace.best(deployment);
        Payoff payoff = Payoff.of(best.speedup(), best.intervals().speedup(), error);
        lines.add(
            String.format(
                Locale.ROOT,
                "An estimate: the costs of %s. ln(predicted / measured) of speedups with such costs is %+.2f ± %.2f, so that with "
                    + "prompts and costs together the best setting runs at %.2f to %.2f times plain decoding in 95 cases of 100, "
                    + "and is faster with a probability of %s: it %s.",
                name(deployment),
                error.bias(),
                error.spread(),
                payoff.interval().low(),
                payoff.interval().high(),
                TextTable.probability(payoff.probability()),
                payoff.answer() == Payoff.Answer.TOO_CLOSE
                    ? "is too close to call"
                    : payoff.answer().words()));
      }
    }
    trace.trees().stream()
        .flatMap(tree -> tree.notes().stream())
        .distinct()
        .forEach(note -> lines.add("Of trees: " + note + "."));
    for (ReplayRow other : trace.study().beside()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "Another law: %s follows rule %s unless told otherwise. By rule %s the draft %s would give %.2f tokens per step and "
                  + "%.2f times plain decoding at %d drafted tokens; redraft export says whether and how the engine is set to it.",
              name(other.deployment()),
              other.deployment().latency().engineRule(),
              other.rule(),
              other.draft(),
              other.tokensPerStep(),
              other.speedup(),
              other.draftLength()));
    }
    Deployment first = report.compared().deployments().get(0);
    Stream.concat(Stream.of(trace.best(first)), ofTrees(trace, first).stream())
        .flatMap(row -> Headroom.of(row).stream())
        .distinct()
        .forEach(words -> lines.add("Left above, " + words + "."));
    for (Deployment deployment : report.compared().deployments()) {
      if (trace.best(deployment).shortfall() != null) {
        lines.add("Does not run like this: " + trace.best(deployment).shortfall() + ".");
      }
    }
    lines.add(
        "An estimate: the intervals (Student's t over prompts). They say how far a number would move with other prompts of "
            + "the same kind; the best of many settings is a little flattered by having been chosen on the same prompts.");
    if (trace.leftOut() != null) {
      lines.add(trace.leftOut());
    }
    return lines;
  }

  /** The best settings: by deployment where there are several, and by domain. */
  static List<Table> tables(Report report, Report.Trace trace) {
    Table byDomain = byDomain(report, trace);
    List<Table> tables = new ArrayList<>();
    if (report.compared().deployments().size() > 1) {
      tables.add(byDeployment(report, trace));
    }
    tables.add(byDomain);
    Deployment first = report.compared().deployments().get(0);
    List<ReplayRow> trees = ofTrees(trace, first);
    if (!trees.isEmpty()) {
      List<String> names = trees.stream().map(row -> row.setting().draft().tree()).toList();
      tables.add(table("Trees of candidates", "tree", names, trees));
    }
    return tables;
  }

  /** Of all trees, over everything. */
  private static List<ReplayRow> ofTrees(Report.Trace trace, Deployment deployment) {
    return trace.trees().stream()
        .flatMap(
            study ->
                study.rows().stream().filter(row -> row.domain().equals(study.read().domain())))
        .filter(row -> row.deployment() == deployment)
        .toList();
  }

  /**
   * What was asked for, and what the recordings are.
   *
   * @param report with what the page holds
   * @param traces of the report as a whole
   */
  static List<Table> settings(Report report, List<Report.Trace> traces) {
    List<List<String>> settings = new ArrayList<>();
    settings.add(
        List.of(
            "rules",
            String.join(
                ", ", report.compared().rules().stream().map(VerificationRule::name).toList())));
    settings.add(
        List.of(
            "draft lengths",
            String.join(
                ", ", report.compared().draftLengths().stream().map(Object::toString).toList())));
    for (Deployment deployment : report.compared().deployments()) {
      Double ratio = deployment.latency().onlyRatio();
      settings.add(
          List.of(
              "deployment",
              ratio == null
                  ? name(deployment)
                      + (Double.isNaN(deployment.usdPerHour())
                          ? ""
                          : ", " + deployment.usdPerHour() + " US dollars an hour")
                  : "cost ratio " + ratio + (report.compared().assumedCost() ? ", assumed" : "")));
    }
    settings.add(List.of("seed", Long.toString(report.compared().seed())));
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
              Long.toString(trace.study().texts().positions())));
    }
    List<Table> tables = new ArrayList<>();
    tables.add(new Table("Compared", List.of("setting", "value"), settings));
    tables.add(
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
    if (report.traces().size() < traces.size()) {
      List<Report.Trace> missing = new ArrayList<>(traces);
      missing.removeIf(
          trace -> report.traces().stream().anyMatch(held -> held.study() == trace.study()));
      String names = String.join(", ", missing.stream().map(Report.Trace::name).toList());
      tables.add(
          new Table(
              "Left out, to keep this page small",
              List.of("recordings", "names", "where they are"),
              List.of(
                  List.of(
                      Integer.toString(missing.size()),
                      Visible.cut(names, 1000, 100),
                      "in report.json, report.csv and summary.md; redraft report with fewer traces puts them into a page"))));
    }
    return tables;
  }

  /** A deployment among those of the report: without the models that all of them are of. */
  static String name(Report report, Deployment deployment) {
    boolean onePair =
        report.compared().deployments().stream().map(Findings::models).distinct().count() == 1;
    return deployment.name() + (onePair ? "" : models(deployment)) + load(deployment);
  }

  private static String models(Deployment deployment) {
    String target = deployment.latency().targetModel();
    String draft = deployment.latency().draftModel();
    return (target == null ? "" : ", " + target) + (draft == null ? "" : " + " + draft);
  }

  private static String load(Deployment deployment) {
    return (deployment.batch() == 1 ? "" : ", batch " + deployment.batch())
        + (deployment.contextTokens() == null ? "" : ", context " + deployment.contextTokens());
  }

  /** A deployment in a few words. */
  static String name(Deployment deployment) {
    return deployment.name() + models(deployment) + load(deployment);
  }

  /** The best setting under each deployment. */
  private static Table byDeployment(Report report, Report.Trace trace) {
    List<Deployment> deployments = report.compared().deployments();
    return table(
        "Best setting by deployment",
        "deployment",
        deployments.stream().map(deployment -> name(report, deployment)).toList(),
        deployments.stream().map(trace::best).toList());
  }

  /** The best setting of each domain under the first deployment. */
  private static Table byDomain(Report report, Report.Trace trace) {
    List<ReplayRow> best = trace.bestByDomain(report.compared().deployments().get(0));
    return table(
        "Best setting by domain", "domain", best.stream().map(ReplayRow::domain).toList(), best);
  }

  private static Table table(
      String caption, String title, List<String> keys, List<ReplayRow> rows) {
    boolean timed = rows.stream().anyMatch(row -> row.speed().msPerToken() != null);
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
                  number(row.counts().draftAcceptanceRate(), 2),
                  number(row.speedup(), 2),
                  interval(row)));
      if (timed) {
        cells.add(number(row.speed().msPerToken(), 2));
        cells.add(number(row.speed().baselineMsPerToken(), 2));
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
