package redraft.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import redraft.json.Visible;
import redraft.metrics.RatioSums;
import redraft.replay.AcceptanceLaw;
import redraft.replay.ReplayDraft;
import redraft.replay.ReplaySequence;
import redraft.report.Report.Shown;
import redraft.trace.Signals;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/**
 * What the script of the page reads. The laws that the page computes with travel exactly, so that
 * it computes what the replay engine does; what is only shown travels in single precision. Lists of
 * numbers are of all texts, one after the other.
 */
final class PageData {
  private static final JsonMapper JSON = new JsonMapper();

  /** What the page shows first. */
  private record Best(String draft, String rule, int draftLength) {}

  /** Of which those that the page does not hold are listed. */
  private static final int MOST_RECORDINGS = 200;

  /**
   * A line of the list of recordings.
   *
   * @param held its place in the page; null where the page leaves it out
   */
  private record Recording(String name, Integer held, List<String> cells) {}

  /**
   * Synthetic acceptance that K may be chosen by.
   *
   * @param survival [longest + 1]: P(at least k drafted tokens accepted)
   */
  private record Trusted(String name, double[] survival) {}

  private PageData() {}

  /**
   * @param report with what the page holds
   * @param traces of the report as a whole
   */
  static String json(Report report, List<Report.Trace> traces) throws JsonProcessingException {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("draftLengths", report.compared().draftLengths());
    data.put("seed", Long.toString(report.compared().seed())); // 64 bits
    data.put("tQuantiles", tQuantiles(report));
    data.put(
        "deployments",
        report.compared().priced().stream()
            .map(each -> PageCosts.deployment(report, each))
            .toList());
    data.put("traces", report.traces().stream().map(trace -> trace(report, trace)).toList());
    List<Integer> lengths = report.compared().draftLengths();
    int longest = lengths.get(lengths.size() - 1);
    data.put(
        "presets",
        report.presets().stream()
            .map(each -> new Trusted(each.name(), each.schedule().survival(longest)))
            .toList());
    data.put("recordings", recordings(report, traces));
    data.put("settings", Findings.settings(report, traces));
    data.put("sources", report.sources());
    return JSON.writeValueAsString(data);
  }

  /** The answers for all recordings; of those that the page holds with their place in it. */
  private static List<Recording> recordings(Report report, List<Report.Trace> traces) {
    List<Recording> all = new ArrayList<>();
    int held = 0;
    for (Report.Trace trace : traces) {
      boolean in =
          held < report.traces().size() && report.traces().get(held).study() == trace.study();
      if (in || all.size() < MOST_RECORDINGS) {
        Verdict verdict = Verdict.of(report, trace);
        var best = trace.best(report.compared().deployments().get(0));
        all.add(
            new Recording(
                trace.name(),
                in ? held : null,
                List.of(
                    verdict.answer(),
                    verdict.speedup(),
                    best.draft(),
                    best.rule(),
                    best.draftLength().toString())));
      }
      held += in ? 1 : 0;
    }
    return all;
  }

  /** For 1, 2, … degrees of freedom, up to those of the texts that the page holds. */
  private static Packed tQuantiles(Report report) {
    long prompts =
        report.traces().stream()
            .mapToLong(
                trace -> trace.shown().stream().map(one -> one.sequence().id()).distinct().count())
            .max()
            .orElse(0);
    return Packed.exactly(
        LongStream.range(1, Math.max(1, prompts)).mapToDouble(RatioSums::quantile).toArray());
  }

  private static Map<String, Object> trace(Report report, Report.Trace trace) {
    List<Shown> shown = trace.shown();
    var best = trace.best(report.compared().deployments().get(0));
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("name", trace.name());
    data.put("verdict", Verdict.of(report, trace));
    data.put("settings", trace.taken().settings());
    data.put("source", trace.taken().source());
    data.put("target", trace.header().target().name());
    data.put("restsOn", Findings.restsOn(trace));
    data.put("exactness", Findings.exactness(report, trace));
    data.put("tables", Findings.tables(report, trace));
    data.put("charts", trace.charts());
    data.put("trees", TreeFigure.of(report, trace));
    data.put("underLoad", trace.underLoad() == null ? null : underLoad(trace.underLoad()));
    data.put("best", new Best(best.draft(), best.rule(), best.draftLength()));
    data.put("total", trace.sequences());
    data.put("greedy", trace.header().sampling().temperature() == 0);
    data.put(
        "domains", shown.stream().map(one -> one.sequence().domain()).distinct().sorted().toList());
    List<Map<String, Object>> sequences = new ArrayList<>();
    for (Shown one : shown) {
      sequences.add(sequence(sequences.size(), one.sequence()));
    }
    data.put("sequences", sequences);
    data.put("tokens", integers(shown, TraceSequence::tokens));
    if (shown.stream().allMatch(one -> one.pieces() != null)) {
      data.put(
          "text",
          shown.stream().flatMap(one -> one.pieces().stream()).collect(Collectors.joining()));
      data.put(
          "pieceLengths",
          Packed.of(
              shown.stream()
                  .flatMapToInt(one -> one.pieces().stream().mapToInt(String::length))
                  .toArray()));
    }
    if (shown.stream().allMatch(one -> one.sequence().target().hasProbabilities())) {
      data.put("logprob", singles(shown, sequence -> sequence.target().logprob()));
      putKnown(data, "entropy", shown, sequence -> sequence.target().entropy());
    }
    data.put("curves", PageCosts.curves(trace.curves()));
    data.put("drafts", drafts(report, trace));
    return data;
  }

  private static Map<String, Object> underLoad(UnderLoad load) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("headline", load.headline());
    data.put("restsOn", load.restsOn());
    data.put("answers", load.answers());
    data.put("charts", load.charts());
    return data;
  }

  private static Map<String, Object> sequence(int index, TraceSequence sequence) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("index", index);
    data.put("id", sequence.id());
    data.put("sample", sequence.sample());
    data.put("domain", sequence.domain());
    data.put("prompt", prompt(sequence));
    data.put("promptTokens", sequence.promptTokens().length);
    data.put("tokens", sequence.length());
    data.put("decodeFrom", sequence.decodeFrom());
    return data;
  }

  /** As the page shows it: long ones have lost their middle. */
  static String prompt(TraceSequence sequence) {
    return Visible.cut(sequence.prompt(), 2000, 4000);
  }

  private static List<Map<String, Object>> drafts(Report report, Report.Trace trace) {
    List<Map<String, Object>> drafts = new ArrayList<>();
    List<String> recorded = trace.header().drafts().stream().map(DraftInfo::name).toList();
    for (ReplayDraft draft : trace.drafts()) {
      Map<String, Object> data = new LinkedHashMap<>();
      data.put("name", draft.name());
      data.put("model", draft.hasModel());
      int index = recorded.indexOf(draft.name());
      if (index >= 0 && trace.hasProbabilities()) {
        putKnown(data, "logprob", trace.shown(), one -> one.drafts().get(index).logprob());
        if (known(trace.shown(), one -> one.drafts().get(index).rank())) {
          data.put("rank", integers(trace.shown(), one -> one.drafts().get(index).rank()));
        }
        putKnown(data, "overlap", trace.shown(), one -> one.drafts().get(index).overlap());
        data.put("wrote", wrote(trace.shown(), index));
      }
      Map<String, List<AcceptanceLaw>> laws = new LinkedHashMap<>(); // by rule
      for (VerificationRule rule : trace.study().rules()) {
        List<ReplaySequence> texts =
            trace.shown().stream().map(one -> draft.sequence(one.sequence(), rule)).toList();
        laws.put(rule.name(), texts.stream().map(ReplaySequence::law).toList());
        data.put("lengths", Packed.of(texts.stream().mapToInt(ReplaySequence::tokens).toArray()));
        data.put(
            "endKnown",
            Packed.of(texts.stream().mapToInt(one -> one.endKnown() ? 1 : 0).toArray()));
      }
      List<Integer> lengths = report.compared().draftLengths();
      data.put("laws", PageLaw.of(laws, lengths.get(lengths.size() - 1)));
      drafts.add(data);
    }
    return drafts;
  }

  /** By how chains were drawn, what the draft wrote by itself from each position. */
  private static Map<String, List<String>> wrote(List<Shown> shown, int draft) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    for (String drawn :
        List.of(Signals.SAMPLED, Signals.GREEDY, OwnTexts.CHOICE, OwnTexts.LIKELY)) {
      if (shown.stream().allMatch(one -> one.wrote().get(draft).containsKey(drawn))) {
        all.put(
            drawn,
            shown.stream().flatMap(one -> one.wrote().get(draft).get(drawn).stream()).toList());
      }
    }
    return all;
  }

  /** Whether every text has such a list. */
  private static boolean known(List<Shown> shown, Function<TraceSequence, ?> list) {
    return shown.stream().allMatch(one -> list.apply(one.sequence()) != null);
  }

  private static void putKnown(
      Map<String, Object> data,
      String name,
      List<Shown> shown,
      Function<TraceSequence, double[]> list) {
    if (known(shown, list)) {
      data.put(name, singles(shown, list));
    }
  }

  private static Packed integers(List<Shown> shown, Function<TraceSequence, int[]> list) {
    return Packed.of(
        shown.stream().flatMapToInt(one -> IntStream.of(list.apply(one.sequence()))).toArray());
  }

  private static Packed singles(List<Shown> shown, Function<TraceSequence, double[]> list) {
    return Packed.shown(
        shown.stream()
            .flatMapToDouble(one -> DoubleStream.of(list.apply(one.sequence())))
            .toArray());
  }
}
