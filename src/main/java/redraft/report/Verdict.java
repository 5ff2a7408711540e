package redraft.report;

import static redraft.report.TextTable.number;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import redraft.latency.CostError;
import redraft.latency.Deployment;
import redraft.metrics.Interval;
import redraft.metrics.Payoff;
import redraft.metrics.ReplayRow;

/**
 * What the page says first of a trace, under the first deployment.
 *
 * @param answer pays, does not pay or too close to call
 * @param mark a word for its colour: yes, no or open
 * @param speedup rounded
 * @param interval of it, in words
 * @param facts what it is of: names and values
 */
record Verdict(
    String answer, String mark, String speedup, String interval, List<List<String>> facts) {

  static Verdict of(Report report, Report.Trace trace) {
    Deployment deployment = report.compared().deployments().get(0);
    ReplayRow best = trace.best(deployment);
    CostError error = deployment.latency().costError();
    Payoff payoff = Payoff.of(best.speedup(), best.intervals().speedup(), error);
    return new Verdict(
        payoff.answer().words(),
        switch (payoff.answer()) {
          case PAYS -> "yes";
          case DOES_NOT_PAY -> "no";
          case TOO_CLOSE -> "open";
        },
        number(best.speedup(), 2) + "\u00a0×",
        interval(best, payoff, error),
        facts(report, trace, best));
  }

  private static String interval(ReplayRow best, Payoff payoff, CostError error) {
    if (payoff.certain()) {
      return "no interval: " + (best.counts().sequences() > 1 ? "one prompt" : "one text");
    }
    boolean costs = error.spread() > 0;
    Interval shown = costs ? payoff.interval() : best.intervals().speedup();
    return "95% interval "
        + TextTable.interval(shown.low(), shown.high(), 2)
        + (costs
            ? best.speedupLow() == null
                ? ", by costs"
                : ", by prompts and costs: the costs are an estimate"
            : " over prompts")
        + "; faster with a probability of "
        + TextTable.probability(payoff.probability());
  }

  private static List<List<String>> facts(Report report, Report.Trace trace, ReplayRow best) {
    Deployment deployment = best.deployment();
    double temperature = trace.header().sampling().temperature();
    List<List<String>> facts = new ArrayList<>();
    facts.add(
        List.of(
            best.speedup() > 1 ? "best setting" : "least bad setting",
            best.draftLength()
                + (best.draftLength() == 1 ? " drafted token a step" : " drafted tokens a step")
                + " by rule "
                + best.rule()
                + ": "
                + number(best.tokensPerStep(), 2)
                + " tokens a step"));
    facts.add(List.of("draft", best.draft()));
    facts.add(
        List.of(
            "acceptance of",
            trace.header().target().name()
                + (temperature == 0 ? ", greedy" : ", temperature " + temperature)
                + String.format(
                    Locale.ROOT,
                    "; %,d texts of %,d prompts",
                    trace.sequences(),
                    trace.study().texts().prompts())));
    facts.add(List.of("costs of", costs(report, deployment)));
    return facts;
  }

  /**
   * The pair and the machine that are priced, with the batch, or the ratio that stands for them.
   */
  static String costs(Report report, Deployment deployment) {
    Double ratio = deployment.latency().onlyRatio();
    return ratio != null
        ? "a draft pass at "
            + ratio
            + " of a target pass"
            + (report.compared().assumedCost() ? ": assumed, no hardware was named" : "")
        : priced(deployment);
  }

  /** The same in a few words, for charts. */
  static String priced(Deployment deployment) {
    Double ratio = deployment.latency().onlyRatio();
    if (ratio != null) {
      return "cost ratio " + ratio;
    }
    String pair = pair(deployment);
    return (pair.isEmpty() ? "" : pair + " on ")
        + deployment.name()
        + ", batch "
        + deployment.batch()
        + (deployment.contextTokens() == null ? "" : ", context " + deployment.contextTokens());
  }

  /** Target and draft whose passes cost; empty where they are not of models in particular. */
  static String pair(Deployment deployment) {
    String target = deployment.latency().targetModel();
    String draft = deployment.latency().draftModel();
    return target == null ? "" : target + (draft == null ? "" : " + " + draft);
  }
}
