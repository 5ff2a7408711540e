package redraft.cli;

import static redraft.report.TextTable.number;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import redraft.export.EngineExports;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.metrics.Payoff;
import redraft.metrics.ReplayRow;
import redraft.report.Columns;
import redraft.report.Headroom;
import redraft.report.PromptsNeeded;
import redraft.report.TextTable;
import redraft.study.BestSetting;
import redraft.study.BestSetting.Acceptance;
import redraft.study.BestSetting.Batches;
import redraft.study.Grid;
import redraft.study.HalfChoice;
import redraft.study.LawBounds;
import redraft.trace.ReservedNames;

@Command(
    name = "best",
    description = {
      "Answers in one line whether speculation pays: for this trace, these models, this engine and hardware, with the "
          + "probability that it is faster, which draft length and rule, what speedup, at which batch it stops paying, and the "
          + "acceptance that it needs.",
      "",
      "It pays from a probability of 90%%, does not pay up to 10%%, and is too close to call between; prompts and costs both leave "
          + "that open. Draft length and rule are those of the highest expected speedup. Speculation stops paying at the "
          + "smallest batch at which no draft length and rule asked for is faster than plain decoding. The acceptance is that of "
          + "independent acceptances (Leviathan et al. 2023) at the trace's mean context."
    },
    footer = {
      "",
      "Examples:",
      "  redraft best traces/tiny-t1.jsonl.gz --engine vllm --hardware h100-sxmx4 --target-model llama-3.1-70b --draft-model llama-3.2-1b",
      "  redraft best traces/tiny-t1.jsonl.gz --latency out/profile.json --rule token",
      "  redraft best traces/tiny-t0.jsonl.gz --cost-ratio 0.1 --draft prompt-lookup",
      "  redraft best traces/tiny-t0.jsonl.gz --cost-ratio 0.1 --tree best:4..64",
      "  redraft best out/signals-t1.jsonl.gz --cost-ratio 0.1 --policy p-min:best,confidence:best",
      "  redraft best --acceptance-length 2.6@5 --engine vllm --hardware l40s --target-model llama-3.1-8b --draft-model eagle3-llama-3.1-8b"
    })
final class BestCommand extends TraceCommand {
  @Parameters(paramLabel = "TRACE", arity = "0..1", description = TRACE)
  private String trace;

  @Option(
      names = "--max-batch",
      paramLabel = "B",
      defaultValue = "4096",
      description = "Largest batch that is looked at (default: ${DEFAULT-VALUE}).")
  private int maxBatch;

  @Option(
      names = "--policy",
      paramLabel = "POLICY:best",
      split = ",",
      description =
          "Also say what stopping on the draft's signal gives, beside the best fixed length: p-min:best, entropy:best, confidence:best, specdec:best. Threshold, "
              + "draft length and rule of each are chosen on every other prompt of the trace and judged on the others "
              + "(record --signals --rollouts).")
  private List<String> policies = List.of();

  @Mixin private TreeOptions trees;
  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws IOException {
    output.check();
    WholeNumbers.require("--max-batch", maxBatch, 1, Deployment.LARGEST_BATCH);
    String asked = accepted.orTyped(trace);
    trees.check(trace == null ? null : List.of(trace), true);
    Deployment on = deployment.only();
    PolicyChoices.check(policies, trace, trees);
    TreeOptions.Chosen tree =
        trees.choose(grid, on, reach, () -> accepted.open(asked, grid.domain));
    Grid wanted =
        tree == null
            ? grid.grid(GridOptions.Defaults.CHOOSE, List.of("fixed"), List.of(on), reach)
            : tree.grid();
    BestSetting best =
        ask(
            asked,
            wanted,
            source -> tree == null ? source : tree.judged().of(source),
            (source, progress) ->
                BestSetting.of(
                    source, wanted, tree == null ? List.of() : tree.beside(), maxBatch, progress));
    List<ReplayRow> policyRows =
        policies.isEmpty() ? List.of() : PolicyChoices.of(this, asked, policies, on);
    LawBounds bounds = accepted.bounds(best.best());
    List<String> notes = new ArrayList<>(best.notes());
    notes.addAll(accepted.notes(wanted, bounds));
    notes.addAll(tree == null ? List.of() : tree.judged().notes());
    if (!policies.isEmpty()) {
      notes.add(HalfChoice.note(asked));
    }
    note(notes);
    List<ReplayRow> rows = output.byDomain ? best.rows() : List.of(best.best());
    output.writeCsv(Columns.REPLAY, rows);
    Map<String, Object> json = json(best, bounds, notes);
    json.put("policies", policyRows.stream().map(PolicyChoices::json).toList());
    output.writeJson(json);
    if (output.table()) {
      Terminal.printVerdict(spec, line(best), best.payoff().answer());
      besideWords(best.best(), best.beside()).forEach(out()::println);
      policyRows.stream().map(PolicyChoices::words).forEach(out()::println);
      PromptsNeeded.of(List.of(best.best())).ifPresent(words -> note(List.of(words)));
      Headroom.of(best.best()).ifPresent(words -> note(List.of(words)));
      if (output.byDomain) {
        rows.stream()
            .skip(1)
            .forEach(
                row ->
                    out()
                        .println(
                            row.domain()
                                + ": "
                                + choice(row)
                                + (row.speedupLow() == null
                                    ? ""
                                    : " (95% over prompts "
                                        + TextTable.interval(row.speedupLow(), row.speedupHigh(), 2)
                                        + ")")));
      }
    }
    return 0;
  }

  /** The answer in one line. */
  static String line(BestSetting best) {
    ReplayRow row = best.best();
    return row.trace()
        + (row.domain().equals(ReservedNames.ALL_DOMAINS) ? "" : ", domain " + row.domain())
        + pairs(best)
        + " on "
        + row.hardware()
        + (row.batch() == 1 ? "" : ", batch " + row.batch())
        + ": "
        + best.payoff().answer().words()
        + (best.payoff().certain()
            ? " (acceptance and costs as given): "
            : " (" + TextTable.probability(best.payoff().probability()) + " that it is faster): ")
        + choice(row)
        + (best.payoff().certain()
            ? ""
            : ", 95% "
                + TextTable.interval(
                    best.payoff().interval().low(), best.payoff().interval().high(), 2)
                + " by prompts and costs")
        + "; "
        + batches(best.batches())
        + (tree(row) == null && !row.setting().draft().ahead() && !row.deployment().recurrent()
            ? "; " + breakEven(row, best.breakEven())
            : "")
        + (row.overlap() == null ? "" : " (overlap here " + number(row.overlap(), 3) + ")");
  }

  /** Whose acceptance it is, and whose costs; nothing where neither is known. */
  private static String pairs(BestSetting best) {
    ReplayRow row = best.best();
    boolean named = row.deployment().latency().targetModel() != null;
    String priced =
        row.targetModel().equals(row.draftModel())
            ? row.targetModel()
            : row.targetModel() + " + " + row.draftModel();
    if (best.acceptanceOf() == null) {
      return named ? ", " + priced : "";
    }
    return ", "
        + best.acceptanceOf()
        + (best.acceptanceOf().equals(priced) ? "" : " at the costs of " + priced);
  }

  private static String choice(ReplayRow row) {
    String setting =
        row.speedup() > 1
            ? "draft " + row.draftLength() + (row.draftLength() == 1 ? " token" : " tokens")
            : "the least bad is draft length " + row.draftLength();
    if (tree(row) != null) {
      setting =
          (row.speedup() > 1 ? "draft tree " : "the least bad is tree ")
              + tree(row)
              + " to a depth of "
              + row.draftLength()
              + ", "
              + nodes(row)
              + (nodes(row) == 1 ? " node" : " nodes");
    }
    return setting
        + ", rule "
        + row.rule()
        + ", "
        + number(row.tokensPerStep(), 2)
        + " tokens per step, "
        + number(row.speedup(), 2)
        + " times plain decoding";
  }

  /** Null for chains. */
  private static String tree(ReplayRow row) {
    return row.setting().draft().tree();
  }

  /** Of the levels of a tree that are drafted; null for chains. */
  private static Integer nodes(ReplayRow row) {
    return tree(row) == null ? null : row.setting().draft().step(row.draftLength()).drafted();
  }

  private static String breakEven(ReplayRow row, Acceptance needed) {
    if (needed.any() == null) {
      return "no independent acceptance pays";
    }
    if (needed.any() < 0.0005) {
      return "pays at any acceptance";
    }
    String any = "never pays below an independent acceptance α of " + number(needed.any(), 3);
    return needed.chosen() == null
        ? "draft length " + row.draftLength() + " pays at no acceptance; " + any
        : needed.chosen().equals(needed.any())
            ? any
            : "draft length "
                + row.draftLength()
                + " breaks even at α "
                + number(needed.chosen(), 3)
                + "; "
                + any;
  }

  private static String batches(Batches batches) {
    if (batches.onlyOne() != null) {
      return batches.onlyOne();
    }
    Integer stops = batches.stopsPayingAt();
    Integer fits = batches.largestThatFits();
    if (fits != null && fits > 0 && fits < (stops == null ? batches.most() : stops - 1)) {
      return "pays at every batch that fits, up to " + fits;
    }
    return stops == null
        ? "pays at every batch up to " + batches.most()
        : "stops paying at batch " + stops;
  }

  /**
   * What another rule would give in the engine that the costs are of, and how to get it there;
   * beside a tree, what the best chain gives, and another tree.
   */
  static List<String> besideWords(ReplayRow best, List<ReplayRow> beside) {
    return beside.stream()
        .map(
            row ->
                (tree(best) == null || tree(row) != null && tree(row).equals(tree(best))
                        ? "with "
                            + (row.rule().equals("token")
                                ? "sampled drafts (rule token)"
                                : row.rule())
                        : tree(row) == null
                            ? "the best chain beside it"
                            : "the tree grown on the same ranks beside it")
                    + ": "
                    + choice(row)
                    + how(row))
        .toList();
  }

  /** Nothing where the engine needs no setting for the rule. */
  private static String how(ReplayRow row) {
    LatencyModel latency = row.deployment().latency();
    String how =
        row.rule().equals(latency.engineRule())
            ? null
            : EngineExports.howTo(latency.engineName(), row.rule());
    return how == null ? "" : "; " + how;
  }

  /** The same for programs. */
  static Map<String, Object> beside(ReplayRow row) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("rule", row.rule());
    all.put("draft_length", row.draftLength());
    all.put("tokens_per_step", row.tokensPerStep());
    all.put("speedup", row.speedup());
    return all;
  }

  private static Map<String, Object> besideTree(ReplayRow row) {
    Map<String, Object> all = beside(row);
    all.put("tree", tree(row));
    return all;
  }

  private static Map<String, Object> json(BestSetting best, LawBounds bounds, List<String> notes) {
    Payoff payoff = best.payoff();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("verdict", payoff.answer().words());
    all.put("probability_faster", payoff.probability());
    all.putAll(Columns.REPLAY.of(best.best()));
    all.put("prompts_speedup_low", best.best().speedupLow());
    all.put("prompts_speedup_high", best.best().speedupHigh());
    all.put("speedup_low", payoff.certain() ? null : payoff.interval().low());
    all.put("speedup_high", payoff.certain() ? null : payoff.interval().high());
    all.put("acceptance_of", best.acceptanceOf());
    all.put("stops_paying_at_batch", best.batches().stopsPayingAt());
    all.put("largest_batch_that_fits", best.batches().largestThatFits());
    all.put("largest_batch_tried", best.batches().most());
    all.put("break_even_acceptance", best.breakEven().any());
    all.put("break_even_acceptance_at_draft_length", best.breakEven().chosen());
    all.put("notes", notes);
    all.put("law_tokens_per_step_low", bounds == null ? null : bounds.tokensPerStep().low());
    all.put("law_tokens_per_step_high", bounds == null ? null : bounds.tokensPerStep().high());
    all.put("law_speedup_low", bounds == null ? null : bounds.speedup().low());
    all.put("law_speedup_high", bounds == null ? null : bounds.speedup().high());
    all.put("beside", best.beside().stream().map(BestCommand::besideTree).toList());
    all.put("tree_nodes", nodes(best.best()));
    return all;
  }
}
