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
import redraft.json.LineSource;
import redraft.metrics.Change;
import redraft.metrics.Interval;
import redraft.metrics.ReplayRow;
import redraft.report.TextTable;
import redraft.study.Gate;
import redraft.study.Grid;
import redraft.study.Recording;

@Command(
    name = "gate",
    description = {
      "Fails where a trace loses more of the best setting's speedup than is allowed, against a baseline trace: for continuous "
          + "integration.",
      "",
      "The setting is the baseline's best; both traces are priced at it. Prompts that both have, by their ids, are compared each with "
          + "itself. It fails only where the whole 95%% interval of the loss lies beyond --max-loss; where the interval holds it, the loss "
          + "may be noise, which passes with a note, or fails with --strict."
    },
    footer = {
      "",
      "Examples:",
      "  redraft gate traces/smollm2-t1.jsonl.gz traces/smollm2-t0.jsonl.gz --latency traces/smollm2-int4-on-cpu.json --max-loss 3%%",
      "  redraft gate baseline.jsonl.gz out/today.jsonl.gz --cost-ratio 0.1 --rule token --draft-length 4 --strict --json out/gate.json"
    })
final class GateCommand extends TraceCommand {
  @Parameters(
      index = "0",
      paramLabel = "BASELINE-TRACE",
      description = "Trace to compare with, on which the setting is chosen; - for standard input.")
  private String baseline;

  @Parameters(index = "1", paramLabel = "TRACE", description = "Trace to judge.")
  private String trace;

  @Option(
      names = "--max-loss",
      paramLabel = "SHARE",
      defaultValue = "3%",
      description =
          "What may be lost of the baseline's speedup, such as 3%% or 0.03; 0%% for nothing (default: 3%%).")
  private String maxLoss;

  @Option(names = "--strict", description = "Fail, too, where the prompts are too few to tell.")
  private boolean strict;

  @Mixin private JsonOptions output;

  @Override
  public Integer call() throws IOException {
    double allowed = share("--max-loss", maxLoss);
    if (baseline.equals(LineSource.STANDARD_INPUT) && trace.equals(LineSource.STANDARD_INPUT)) {
      throw new IllegalArgumentException(
          "only one of the two traces can come from standard input; name a file for the other");
    }
    accepted.orTyped(List.of(baseline, trace));
    Grid wanted =
        grid.grid(GridOptions.Defaults.CHOOSE, List.of("fixed"), List.of(deployment.only()), reach);
    Recording before = ask(baseline, wanted, (s, progress) -> Recording.of(s, wanted, progress));
    Recording after = ask(trace, wanted, (s, progress) -> Recording.of(s, wanted, progress));
    Gate gate = Gate.of(before, after, allowed);
    boolean failed =
        gate.verdict() == Gate.Verdict.FAIL || strict && gate.verdict() == Gate.Verdict.OPEN;
    List<String> notes = new ArrayList<>(gate.notes());
    if (gate.verdict() == Gate.Verdict.OPEN) {
      notes.add(
          "prompts this few cannot tell the loss from what is allowed, which "
              + (strict ? "--strict fails" : "passes; --strict fails it")
              + ", and more prompts would tell");
    }
    if (gate.otherBest()) {
      notes.add(ownBest(gate));
    }
    note(notes);
    output.writeJson(json(gate, failed));
    if (output.text()) {
      out().println(line(gate));
      out().println();
      out().print(table(gate));
    } else if (failed) {
      note(List.of(line(gate)));
    }
    return failed ? 1 : 0;
  }

  /** {@code 3%} or {@code 0.03}. */
  static double share(String option, String text) {
    String number = text.strip();
    boolean percent = number.endsWith("%");
    try {
      double value =
          Double.parseDouble(percent ? number.substring(0, number.length() - 1) : number)
              / (percent ? 100 : 1);
      if (value >= 0 && value < 1) {
        return value;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw new IllegalArgumentException(
        option + " " + text + " is no share from 0% to below 100%, such as 3% or 0.03");
  }

  /** The verdict in one line. */
  private static String line(Gate gate) {
    Change change = gate.change();
    String allowed = percent(gate.maxLoss()) + " allowed";
    String beside =
        switch (gate.verdict()) {
          case PASS -> "within the " + allowed;
          case FAIL -> "all of it beyond the " + allowed;
          case OPEN -> change.ratio() == null ? "beside " + allowed : "around the " + allowed;
        };
    return gate.verdict().words()
        + ": "
        + gate.same().trace()
        + (change.loss() < 0 ? " gains " : " loses ")
        + percent(Math.abs(change.loss()))
        + " of the speedup of "
        + gate.chosen().trace()
        + (change.ratio() == null
            ? " (no interval), "
            : " (95% of the loss "
                + percent(change.lossInterval().low())
                + " – "
                + percent(change.lossInterval().high())
                + "), ")
        + beside
        + ": from "
        + number(change.before(), 3)
        + " to "
        + number(change.after(), 3)
        + " times plain decoding at draft length "
        + gate.chosen().draftLength()
        + ", rule "
        + gate.chosen().rule()
        + " on "
        + gate.chosen().hardware();
  }

  private static String percent(double share) {
    return number(100 * share, 1).replaceFirst("\\.0$", "").replaceFirst("^-0$", "0") + "%";
  }

  private static String ownBest(Gate gate) {
    ReplayRow own = gate.own();
    return own.trace()
        + " itself is fastest at draft length "
        + own.draftLength()
        + ", rule "
        + own.rule()
        + ", "
        + number(own.speedup(), 3)
        + " times plain decoding";
  }

  private static TextTable table(Gate gate) {
    TextTable table =
        new TextTable("domain", "baseline", "trace", "loss in %", "95% interval", "prompts");
    add(table, gate.chosen().domain(), gate.change());
    gate.domains().forEach(domain -> add(table, domain.name(), domain.change()));
    return table;
  }

  private static void add(TextTable table, String domain, Change change) {
    Interval loss = change.lossInterval();
    table.add(
        domain,
        number(change.before(), 3),
        number(change.after(), 3),
        number(100 * change.loss(), 2),
        loss == null ? "–" : TextTable.interval(100 * loss.low(), 100 * loss.high(), 2),
        change.paired()
            ? change.promptsAfter() + " paired"
            : change.promptsBefore() + " and " + change.promptsAfter());
  }

  private Map<String, Object> json(Gate gate, boolean failed) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("verdict", gate.verdict().words());
    all.putAll(json(gate.change()));
    all.put("max_loss", gate.maxLoss());
    all.put("failed", failed);
    all.put("baseline", gate.chosen().trace());
    all.put("trace", gate.same().trace());
    all.put("domain", gate.same().domain());
    all.put("draft_baseline", gate.chosen().draft());
    all.put("draft", gate.same().draft());
    all.put("draft_length", gate.chosen().draftLength());
    all.put("rule", gate.chosen().rule());
    all.put("hardware", gate.chosen().hardware());
    all.put("batch", gate.chosen().batch());
    all.put("tokens_per_step_baseline", gate.chosen().tokensPerStep());
    all.put("tokens_per_step", gate.same().tokensPerStep());
    all.put("own_draft_length", gate.own().draftLength());
    all.put("own_rule", gate.own().rule());
    all.put("own_speedup", gate.own().speedup());
    List<Map<String, Object>> domains = new ArrayList<>();
    for (Gate.OfDomain domain : gate.domains()) {
      Map<String, Object> own = new LinkedHashMap<>(Map.of("domain", domain.name()));
      own.putAll(json(domain.change()));
      domains.add(own);
    }
    all.put("domains", domains);
    all.put("notes", said());
    return all;
  }

  private static Map<String, Object> json(Change change) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("speedup_baseline", change.before());
    all.put("speedup", change.after());
    all.put("loss", change.loss());
    all.put("loss_low", Interval.low(change.lossInterval()));
    all.put("loss_high", Interval.high(change.lossInterval()));
    all.put("paired", change.paired());
    all.put("prompts_baseline", change.promptsBefore());
    all.put("prompts", change.promptsAfter());
    return all;
  }
}
