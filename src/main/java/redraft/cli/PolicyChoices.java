package redraft.cli;

import static redraft.report.TextTable.number;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redraft.json.LineSource;
import redraft.latency.Deployment;
import redraft.metrics.ReplayRow;
import redraft.policy.Policies;
import redraft.report.TextTable;
import redraft.study.Grid;
import redraft.study.HalfChoice;
import redraft.study.ReplayStudy;
import redraft.study.TreeGrowth;

/**
 * What stopping on the draft's signal gives beside the best fixed length, in {@code best}: all of
 * them chosen on one half of the prompts and judged on the other.
 */
final class PolicyChoices {
  private PolicyChoices() {}

  /**
   * Refuses what does not go together.
   *
   * @param trace null where acceptance was typed in
   */
  static void check(List<String> policies, String trace, TreeOptions trees) {
    for (String policy : policies) {
      if (!Policies.asksForBest(policy)) {
        throw new IllegalArgumentException(
            "--policy '"
                + policy
                + "' must be one of "
                + String.join(", ", Policies.asking())
                + ", whose best setting is looked for; replay shows other policies");
      }
    }
    if (!policies.isEmpty()
        && (trees.given() || trace == null || trace.equals(LineSource.STANDARD_INPUT))) {
      throw new IllegalArgumentException(
          "the best threshold of a policy is chosen for chains of a recorded draft, in a reading of its own: leave out --tree, and name a file");
    }
  }

  /** The best fixed length and the best of each policy, over everything. */
  static List<ReplayRow> of(
      TraceCommand command, String trace, List<String> policies, Deployment deployment)
      throws IOException {
    List<String> names = new ArrayList<>(List.of("fixed"));
    names.addAll(Policies.withThresholds(policies));
    Grid grid =
        command.grid.grid(GridOptions.Defaults.CHOOSE, names, List.of(deployment), command.reach);
    ReplayStudy.Basis basis = new ReplayStudy.Basis(0, 0, false, null, false);
    TraceCommand.Question<List<ReplayRow>> question =
        (source, progress) -> {
          List<ReplayRow> rows = ReplayStudy.of(source, grid, basis, progress).rows();
          return grid.drafts().isEmpty()
              ? rows.stream().filter(row -> row.draft().equals(rows.get(0).draft())).toList()
              : rows;
        };
    List<ReplayRow> first =
        command.ask(trace, grid, all -> new TreeGrowth.Half(all, false), question);
    for (String policy : policies) {
      if (first.stream()
          .noneMatch(row -> Policies.family(row.policy()).equals(Policies.family(policy)))) {
        throw new IllegalArgumentException(
            "policy '"
                + policy
                + "' needs how sure the draft was, which "
                + trace
                + " does not say of draft '"
                + first.get(0).draft()
                + "'; record with --signals --rollouts 8");
      }
    }
    return new HalfChoice(first, false)
        .of(command.ask(trace, grid, all -> new TreeGrowth.Half(all, true), question));
  }

  /** One of them in a line. */
  static String words(ReplayRow row) {
    boolean fixed = row.setting().policy().fixed();
    return "on the judging half, policy "
        + row.policy()
        + ": draft "
        + (fixed ? "" : "up to ")
        + row.draftLength()
        + (row.draftLength() == 1 ? " token" : " tokens")
        + ", rule "
        + row.rule()
        + ", "
        + number(row.tokensPerStep(), 2)
        + " tokens per step, "
        + number(row.speedup(), 2)
        + " times plain decoding"
        + (row.speedupLow() == null
            ? ""
            : " (95% over prompts "
                + TextTable.interval(row.speedupLow(), row.speedupHigh(), 2)
                + ")")
        + (row.bounds() == null
            ? ""
            : ", from "
                + number(row.bounds().speedupLow(), 2)
                + " to "
                + number(row.bounds().speedupHigh(), 2)
                + " by what rejected blocks may have cost");
  }

  /** The same for programs. */
  static Map<String, Object> json(ReplayRow row) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("policy", row.policy());
    all.put("draft", row.draft());
    all.put("rule", row.rule());
    all.put("draft_length", row.draftLength());
    all.put("tokens_per_step", row.tokensPerStep());
    all.put("speedup", row.speedup());
    all.put("speedup_low", row.speedupLow());
    all.put("speedup_high", row.speedupHigh());
    all.put("speedup_bound_low", row.bounds() == null ? null : row.bounds().speedupLow());
    all.put("speedup_bound_high", row.bounds() == null ? null : row.bounds().speedupHigh());
    return all;
  }
}
