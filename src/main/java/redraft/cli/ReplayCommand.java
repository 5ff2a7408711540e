package redraft.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import redraft.json.LineSource;
import redraft.latency.Deployment;
import redraft.metrics.AcceptanceRow;
import redraft.metrics.ReplayRow;
import redraft.policy.Policies;
import redraft.report.Columns;
import redraft.report.PromptsNeeded;
import redraft.report.TextTable;
import redraft.study.Deployments;
import redraft.study.Grid;
import redraft.study.HalfChoice;
import redraft.study.ReplayStudy;
import redraft.study.TreeGrowth;

@Command(
    name = "replay",
    description = {
      "Replays recorded traces, with no model: the exact expectation of what speculative decoding does on them, for every "
          + "combination of the drafts, rules, policies and draft lengths given.",
      "",
      "Steps, drafted and accepted tokens are exact for the sampling settings of the recording. The speedup is exact "
          + "for the costs given; the interval says how far it would move with other prompts. With --temperature all of them "
          + "are estimates."
    },
    footer = {
      "",
      "Examples:",
      "  redraft replay traces/tiny-t1.jsonl.gz",
      "  redraft replay traces/tiny-t1.jsonl.gz --draft-length 1..8 --cost-ratio 0.1 --csv out/r.csv",
      "  redraft replay traces/tiny-t1.jsonl.gz --rule token,block --policy fixed,heuristic,oracle --draft-length 5 --cost-ratio 0.1",
      "  redraft replay traces/tiny-t1.jsonl.gz --policy fixed,sglang-adaptive,bandit:0.1 --draft-length 4 --cost-ratio 0.1 --sampled 50",
      "  redraft replay out/signals-t1.jsonl.gz --policy fixed,p-min:best,confidence:best --draft-length 1..8 --cost-ratio 0.1",
      "  redraft replay traces/tiny-t0.jsonl.gz --draft prompt-lookup --draft-length 4 --cost-ratio 0 --sampled 200",
      "  redraft replay out/logits-t1.jsonl.gz --temperature 0.7 --cost-ratio 0.1",
      "  redraft replay traces/tiny-t1.jsonl.gz --draft-length 4 --batch 1,8,64 --hardware h100-sxmx4,a100-80gbx4 \\",
      "      --target-model llama-3.1-70b --draft-model llama-3.2-1b",
      "  redraft replay traces/tiny-t0.jsonl.gz --tree medusa-63,eagle-25,2x4,best:63,sequoia:63 --cost-ratio 0.1",
      "  redraft replay traces/tiny-t1.jsonl.gz --draft tiny-draft,pearl:tiny-draft,ssd-4:tiny-draft --rule token --cost-ratio 0.2",
      "  redraft replay preset:constant-0.8 --draft-length 1..8 --cost-ratio 0.1",
      "  redraft replay --acceptance-rates 0.8,0.6,0.4 --draft-length 1..3 --cost-ratio 0.1",
      "  zstdcat big.jsonl.zst | redraft replay - --cost-ratio 0.1 --csv -"
    })
final class ReplayCommand extends TraceCommand {
  @Parameters(paramLabel = "TRACE", arity = "0..*", description = TRACE)
  private List<String> traces;

  @Option(
      names = "--policy",
      paramLabel = "POLICY",
      split = Names.BETWEEN_POLICIES,
      splitSynopsisLabel = ",",
      defaultValue = "fixed",
      completionCandidates = Names.Policy.class,
      description =
          "How draft lengths are chosen: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). heuristic is Hugging Face's: +2 "
              + "after a block accepted whole, else -1; the oracle is the bound that drafts just what will be accepted. "
              + "sglang-adaptive[:1,3,5,7[:start=3]], trt-threshold[:WINDOW,SHARE] and bandit[:RATIO[:explore=1]] remember more, and need "
              + "--sampled where outcomes are not certain. batch-table:1-4=5,5-32=2 is a draft length for each --batch. "
              + "p-min[:0.6], entropy[:0.4[:gamma=0.2]], confidence[:0.4] and specdec[:0.7[:power=0.5]] draft up to --draft-length tokens while the draft is sure of them "
              + "(record --signals --rollouts); with :best in place of the threshold, it and the draft lengths of all policies are chosen on "
              + "every other prompt of the trace, and judged on the others.")
  private List<String> policies;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description =
          "Estimate for another temperature than the recorded one, at the recorded contexts; needs a trace with logits.")
  private Double temperature;

  @Option(
      names = "--sampled",
      paramLabel = "R",
      defaultValue = "0",
      description = "Draw R timelines instead of taking exact expectations, and show their spread.")
  private int timelines;

  @Option(
      names = "--histogram",
      description =
          "Also show how often steps accept 0, 1, 2, … tokens, and acceptance by position.")
  private boolean histogram;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of sampled timelines (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private TreeOptions trees;
  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws IOException {
    output.check();
    trees.check(traces, false);
    ReplayStudy.Basis basis =
        new ReplayStudy.Basis(
            WholeNumbers.require("--sampled", timelines, 0, ReplayStudy.Basis.MOST_TIMELINES),
            seed,
            histogram,
            temperature,
            output.byDomain);
    List<ReplayRow> rows = new ArrayList<>();
    List<ReplayRow> beside = new ArrayList<>();
    List<AcceptanceRow> acceptance = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    Set<String> estimates = new LinkedHashSet<>();
    Set<String> prompts = new LinkedHashSet<>();
    boolean chooses = policies.stream().anyMatch(Policies::asksForBest);
    if (chooses
        && (trees.given() || (traces != null && traces.contains(LineSource.STANDARD_INPUT)))) {
      throw new IllegalArgumentException(
          "the best threshold of a policy is chosen for chains, in a reading of its own: leave out --tree, and name a file");
    }
    List<String> policies = Policies.withThresholds(this.policies);
    List<List<Deployment>> batches = Deployments.byBatch(policies, deployment.everyOrUnpriced());
    if (batches.size() > 1 && traces != null && traces.contains(LineSource.STANDARD_INPUT)) {
      throw new IllegalArgumentException(
          "a table of batches reads a trace once for each --batch, and standard input can be read once; name a file");
    }
    for (String trace : accepted.orTyped(traces)) {
      for (TreeOptions.Wanted tree : trees.on(grid, () -> accepted.open(trace, grid.domain))) {
        for (List<Deployment> deployments : batches) {
          Grid wanted =
              grid.grid(
                  GridOptions.Defaults.SHOW, policies, deployments, reach, tree.tree(), false);
          TraceCommand.Question<ReplayStudy> question =
              (source, progress) -> ReplayStudy.of(source, wanted, basis, progress);
          HalfChoice choice =
              chooses
                  ? new HalfChoice(
                      ask(trace, wanted, all -> new TreeGrowth.Half(all, false), question).rows(),
                      true)
                  : null;
          ReplayStudy study =
              ask(
                  trace,
                  wanted,
                  chooses ? all -> new TreeGrowth.Half(all, true) : tree::of,
                  question);
          List<ReplayRow> shown = chooses ? choice.of(study.rows()) : study.rows();
          rows.addAll(shown);
          if (chooses) {
            notes.add(HalfChoice.note(trace));
          }
          beside.addAll(study.beside());
          acceptance.addAll(study.acceptance());
          notes.addAll(accepted.notes(wanted, null));
          notes.addAll(study.notes());
          PromptsNeeded.of(shown)
              .ifPresent(words -> prompts.add(shown.get(0).trace() + ": " + words));
          notes.addAll(tree.notes());
          if (study.estimate() != null) {
            estimates.add(study.estimate());
          }
        }
      }
    }
    note(notes);
    if (!deployment.given()) {
      note(
          List.of(
              "tokens per step need no price; for a speedup name --cost-ratio, --latency, --target-speed with --draft-speed, or --hardware with --target-model and --draft-model"));
    }
    output.writeCsv(Columns.REPLAY, rows);
    output.writeJson(histogram ? Columns.ACCEPTANCE.ofAll(acceptance) : Columns.REPLAY.ofAll(rows));
    if (output.table()) {
      Terminal.print(spec, TextTable.of(rows));
      estimates.forEach(out()::println);
      prompts.forEach(out()::println);
      beside.removeIf(row -> !row.deployment().latency().priced());
      beside.forEach(
          row ->
              BestCommand.besideWords(row, List.of(row))
                  .forEach(
                      words ->
                          out()
                              .println(
                                  row.trace()
                                      + ", "
                                      + row.draft()
                                      + " on "
                                      + row.hardware()
                                      + ", "
                                      + words)));
      if (histogram) {
        out().println();
        Terminal.print(spec, TextTable.ofAcceptance(acceptance));
      }
    }
    return 0;
  }
}
