package redraft.report;

import static redraft.report.TextTable.number;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import redraft.latency.Deployment;
import redraft.metrics.Payoff;
import redraft.metrics.ReplayRow;

/**
 * A report in some 30 lines of Markdown, for a pull request or {@code $GITHUB_STEP_SUMMARY}:
 * whether speculation pays, the best setting, a table, and what that rests on.
 */
public final class PullRequest {
  private static final int MOST_ROWS = 8; // of the table
  private static final int MOST_CAVEATS = 8;

  private PullRequest() {}

  /** Of all traces, under the first deployment. */
  public static String summary(Report report) {
    Deployment first = report.compared().deployments().get(0);
    List<String> lines = new ArrayList<>();
    if (report.traces().size() == 1) {
      Report.Trace trace = report.traces().get(0);
      ReplayRow best = trace.best(first);
      lines.add("### Speculative decoding " + verdict(best) + ": " + escaped(trace.name()));
      lines.add("");
      lines.add("**" + escaped(Findings.headline(report, trace)) + "**");
      lines.add("");
      List<ReplayRow> domains = trace.bestByDomain(first);
      if (domains.size() > 1) {
        table(lines, "domain", domains.stream().map(ReplayRow::domain).toList(), domains);
      }
      lines.add(escaped(Findings.restsOn(trace)));
      lines.add("");
    } else {
      List<ReplayRow> bests = report.traces().stream().map(trace -> trace.best(first)).toList();
      long pay = bests.stream().filter(row -> answer(row) == Payoff.Answer.PAYS).count();
      lines.add("### Speculative decoding pays on " + pay + " of " + bests.size() + " traces");
      lines.add("");
      lines.add("Speedups are decoding only, " + escaped(Findings.cost(report, first)) + ".");
      lines.add("");
      table(lines, "trace", report.traces().stream().map(Report.Trace::name).toList(), bests);
    }
    caveats(lines, report);
    return String.join("\n", lines) + "\n";
  }

  private static Payoff payoff(ReplayRow row) {
    return Payoff.of(
        row.speedup(), row.intervals().speedup(), row.deployment().latency().costError());
  }

  private static Payoff.Answer answer(ReplayRow row) {
    return payoff(row).answer();
  }

  private static String verdict(ReplayRow row) {
    return answer(row) == Payoff.Answer.TOO_CLOSE ? "is too close to call" : answer(row).words();
  }

  /** The rows of the most tokens, in their own order. */
  private static void table(
      List<String> lines, String title, List<String> names, List<ReplayRow> rows) {
    Set<ReplayRow> largest =
        new LinkedHashSet<>(
            rows.stream()
                .sorted(Comparator.comparing((ReplayRow row) -> -row.counts().positions()))
                .limit(MOST_ROWS)
                .toList());
    lines.add(
        "| "
            + title
            + " | verdict | draft | rule | K | tokens/step | speedup | 95% over prompts |");
    lines.add("|---|---|---|---|--:|--:|--:|---|");
    for (int i = 0; i < rows.size(); i++) {
      ReplayRow row = rows.get(i);
      if (largest.contains(row)) {
        lines.add(
            "| "
                + String.join(
                    " | ",
                    escaped(names.get(i)),
                    answer(row).words(),
                    escaped(row.draft()),
                    row.rule(),
                    row.draftLength().toString(),
                    number(row.tokensPerStep(), 2),
                    number(row.speedup(), 2),
                    TextTable.interval(row.speedupLow(), row.speedupHigh(), 2))
                + " |");
      }
    }
    lines.add("");
    if (rows.size() > MOST_ROWS) {
      lines.add(
          "Left out of the table: the smaller "
              + (rows.size() - MOST_ROWS)
              + " of "
              + rows.size()
              + "; the report has all.");
      lines.add("");
    }
  }

  private static void caveats(List<String> lines, Report report) {
    Map<String, List<String>> known = new LinkedHashMap<>(); // traces of each
    for (Report.Trace trace : report.traces()) {
      Stream.concat(trace.study().notes().stream(), Findings.exactness(report, trace).stream())
          .distinct()
          .forEach(line -> known.computeIfAbsent(line, key -> new ArrayList<>()).add(trace.name()));
    }
    List<String> all = new ArrayList<>();
    known.forEach(
        (line, traces) ->
            all.add(traces.size() == report.traces().size() ? line : traces.get(0) + ": " + line));
    lines.add("<details><summary>What this rests on</summary>");
    lines.add("");
    all.stream().limit(MOST_CAVEATS).forEach(line -> lines.add("- " + escaped(line)));
    if (all.size() > MOST_CAVEATS) {
      lines.add("- And " + (all.size() - MOST_CAVEATS) + " more, in the report.");
    }
    lines.add("");
    lines.add("</details>");
  }

  private static String escaped(String text) {
    return MarkdownFormat.escaped(text);
  }
}
