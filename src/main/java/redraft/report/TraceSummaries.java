package redraft.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayRow.Needed;
import redraft.trace.DraftKind;
import redraft.trace.Grade;
import redraft.trace.TraceHeader;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSummary;
import redraft.trace.TraceSummary.DraftSummary;

/** What a trace holds, as text and as an object for {@link RowFiles#writeJson}. */
public final class TraceSummaries {
  private TraceSummaries() {}

  /** A titled line, as {@code inspect} prints them. */
  public static String line(String title, String format, Object... values) {
    return String.format(
        Locale.ROOT, "%-13s  %s%n", title, String.format(Locale.ROOT, format, values));
  }

  /**
   * A line for each thing that the trace says of itself.
   *
   * @param name of the trace
   * @param replayed how well it knows each of its drafts
   */
  public static String text(String name, TraceSummary summary, List<ReplayRow> replayed) {
    TraceHeader header = summary.header();
    TraceHeader.Sampling sampling = header.sampling();
    StringBuilder text = new StringBuilder();
    text.append(
        line("trace", "%s, version %d, %,d bytes", name, TraceHeader.VERSION, summary.bytes()));
    text.append(
        line(
            "state",
            summary.complete()
                ? "complete, unchanged since it was written"
                : "cut: no footer; its %,d complete sequences can be used, record --resume continues it",
            summary.sequences()));
    text.append(
        line(
            "sequences",
            "%,d of %,d prompts, %,d positions",
            summary.sequences(),
            summary.prompts(),
            summary.positions()));
    summary
        .domains()
        .forEach(
            (domain, counts) ->
                text.append(
                    line(
                        "domain",
                        "%s: %,d sequences, %,d positions",
                        domain,
                        counts.sequences(),
                        counts.positions())));
    text.append(
        line(
            "finish",
            "eos %,d, length %,d",
            summary.finishes().getOrDefault(Finish.EOS, 0L),
            summary.finishes().getOrDefault(Finish.LENGTH, 0L)));
    text.append(line("grade", "%s", grade(header)));
    text.append(line("target", "%s", model(header.target().name(), header.target().parameters())));
    for (int i = 0; i < header.drafts().size(); i++) {
      text.append(draft(header.drafts().get(i), summary.drafts().get(i)));
      text.append(i < replayed.size() ? replayed(replayed.get(i)) : "");
    }
    text.append(line("tokenizer", "%,d tokens", header.tokenizer().vocabularySize()));
    text.append(
        line(
            "sampling",
            "temperature %s, top-k %s, top-p %s, seed %d",
            sampling.temperature(),
            sampling.topK() == 0 ? "all" : sampling.topK(),
            sampling.topP(),
            sampling.seed()));
    text.append(
        line(
            "logits",
            summary.logitsPerPosition() == 0 ? "%s" : "%s, %,d at a position",
            header.logits().word(),
            summary.logitsPerPosition()));
    return text.toString();
  }

  /** What the trace can answer, and what not. */
  public static String grade(TraceHeader header) {
    Grade grade = header.grade();
    return grade.word()
        + (header.source().isEmpty() ? "" : ", imported from " + header.source())
        + ": "
        + grade.answers()
        + (grade == Grade.EXACT ? "" : "; not known: " + grade.refused());
  }

  private static String draft(DraftInfo info, DraftSummary summary) {
    String known = "";
    if (summary.overlap() != null) {
      known = ", mean overlap Σ min(p, q) " + TextTable.number(summary.overlap(), 4);
    } else if (summary.acceptLength() != null) {
      known =
          (info.rule() == null ? ", accept lengths only, mean " : ", tokens per step ")
              + TextTable.number(summary.acceptLength(), 4)
              + (info.rule() == null ? "" : " in the measured run, rule " + info.rule());
    }
    if (info.depth() > 0) {
      known +=
          ", up to "
              + info.depth()
              + " tokens of a block"
              + (info.parallel() ? ", in one pass" : "");
    }
    if (!Double.isNaN(info.untested())) {
      known += ", untested positions taken to accept " + TextTable.number(info.untested(), 4);
    }
    if (!summary.ladders().isEmpty()) {
      known += ", ladders of candidates " + String.join(", ", summary.ladders());
    }
    if (!summary.signals().isEmpty()) {
      known += ", " + String.join(", ", summary.signals());
    }
    return line("draft", "%s%s", model(info.name(), info.parameters()), known)
        + (info.kind() == DraftKind.LOOKUP
            ? line("", "lookup: copies earlier text, needs no draft model")
            : "");
  }

  private static String replayed(ReplayRow row) {
    Needed needed = row.intervals().needed();
    return line(
        "",
        "%s tokens per step at draft length %d, rule %s%s",
        TextTable.number(row.tokensPerStep(), 3),
        row.draftLength(),
        row.rule(),
        needed == null || needed.tokensPerStep() == null
            ? ""
            : ": 95% "
                + PromptsNeeded.words(
                    row.intervals().tokensPerStep(), needed, needed.tokensPerStep()));
  }

  private static String model(String name, long parameters) {
    return parameters == 0
        ? name
        : String.format(Locale.ROOT, "%s, %,d parameters", name, parameters);
  }

  /**
   * The same for programs.
   *
   * @param name of the trace
   * @param replayed how well it knows each of its drafts
   */
  public static Map<String, Object> object(
      String name, TraceSummary summary, List<ReplayRow> replayed) {
    TraceHeader header = summary.header();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("file", name);
    fields.put("version", TraceHeader.VERSION);
    fields.put("bytes", summary.bytes());
    fields.put("complete", summary.complete());
    fields.put("sequences", summary.sequences());
    fields.put("prompts", summary.prompts());
    fields.put("positions", summary.positions());
    fields.put("domains", summary.domains());
    Map<String, Long> finishes = new LinkedHashMap<>();
    for (Finish finish : Finish.values()) {
      finishes.put(
          finish.name().toLowerCase(Locale.ROOT), summary.finishes().getOrDefault(finish, 0L));
    }
    fields.put("finish", finishes);
    fields.put("grade", header.grade().word());
    fields.put("source", header.source().isEmpty() ? null : header.source());
    fields.put("tokenizer", header.tokenizer());
    fields.put("target", header.target());
    List<Map<String, Object>> drafts = new ArrayList<>();
    for (int i = 0; i < header.drafts().size(); i++) {
      DraftInfo info = header.drafts().get(i);
      Map<String, Object> draft = new LinkedHashMap<>();
      draft.put("name", info.name());
      draft.put("sha256", info.sha256());
      draft.put("parameters", info.parameters());
      draft.put("kind", info.kind().word());
      draft.put("depth", info.depth() == 0 ? null : info.depth());
      draft.put("rule", info.rule());
      draft.put("untested", Double.isNaN(info.untested()) ? null : info.untested());
      draft.put("overlap", summary.drafts().get(i).overlap());
      draft.put("accept_length", summary.drafts().get(i).acceptLength());
      draft.put("ladders", summary.drafts().get(i).ladders());
      draft.put("signals", summary.drafts().get(i).signals());
      draft.put("replay", i < replayed.size() ? replay(replayed.get(i)) : null);
      drafts.add(draft);
    }
    fields.put("drafts", drafts);
    fields.put("sampling", header.sampling());
    fields.put("logits", header.logits().word());
    fields.put("logits_per_position", summary.logitsPerPosition());
    return fields;
  }

  private static Map<String, Object> replay(ReplayRow row) {
    Needed needed = row.intervals().needed();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("rule", row.rule());
    fields.put("draft_length", row.draftLength());
    fields.put("tokens_per_step", row.tokensPerStep());
    fields.put("tokens_per_step_low", row.tokensPerStepLow());
    fields.put("tokens_per_step_high", row.tokensPerStepHigh());
    fields.put("prompts_for_2_percent", needed == null ? null : needed.tokensPerStep());
    return fields;
  }
}
