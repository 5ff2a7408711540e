package redraft.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.latency.StepCurves;
import redraft.metrics.ReplayRow;
import redraft.replay.ReplayDraft;
import redraft.replay.ReplaySequence;
import redraft.report.Report.Compared;
import redraft.report.Report.Shown;
import redraft.study.TraceStudy;
import redraft.study.TreeStudy;
import redraft.synthetic.Preset;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;

/** Makes reports of what studies of traces found. */
public final class ReportBuilder {
  /** The page's share of texts and of numbers by position. */
  public static final long PAGE_BYTES = 1_500_000;

  /** What the whole page may have, so that it can be mailed. */
  static final long MOST_PAGE_BYTES = 2_000_000;

  /** Domains of a trace that charts, tables and report.json have. */
  static final int MOST_DOMAINS = 32;

  /** Rows of domains in report.json, of all traces: about 35 MB. */
  static final int MOST_DOMAIN_ROWS = 20_000;

  private static final int SEQUENCE_BYTES = 110; // names of its fields in the page

  private ReportBuilder() {}

  /** The texts of tokens. */
  public interface Pieces {
    /** What each token adds to the text before it; null where no tokenizer is at hand. */
    List<String> of(TraceHeader header, TraceSequence sequence);

    /** What tokens add to the text that ends with others; null where no tokenizer is at hand. */
    default String after(TraceHeader header, int[] before, int[] tokens) {
      return null;
    }
  }

  /** The words of serving engines. */
  public interface EngineWords {
    /**
     * What engines are to be set to for a draft.
     *
     * @param rows of that draft under one deployment, over everything
     */
    List<Report.EngineSetting> of(TraceStudy study, List<ReplayRow> rows);
  }

  /**
   * What a report gets from elsewhere.
   *
   * @param sources of each trace, the words that name it in a command
   */
  public record Words(Pieces pieces, EngineWords engines, List<List<String>> sources) {}

  /**
   * What a sequence takes of the page, about: 11 bytes a position for the text, 27 for each draft
   * under all rules, 11 where text is greedy and laws are certain; 3 bytes become 4 characters.
   */
  public static long pageBytes(TraceHeader header, TraceSequence sequence) {
    int draft = header.sampling().temperature() == 0 ? 11 : 27;
    long position = (11 + (long) header.drafts().size() * draft) * 4 / 3;
    int texts = sequence.id().length() + sequence.domain().length();
    return position * sequence.length()
        + sequence.drafts().stream().mapToLong(each -> OwnTexts.bytes(sequence, each)).sum()
        + PageData.prompt(sequence).length()
        + texts
        + SEQUENCE_BYTES;
  }

  /**
   * @param trees of each trace
   * @param loads what serving each trace gave; null each where nobody asked
   * @param texts of each trace in the page; null for as many as fit
   */
  public static Report build(
      List<TraceStudy> studies,
      List<List<TreeStudy>> trees,
      List<UnderLoad> loads,
      Compared compared,
      List<Preset> presets,
      Integer texts,
      Words words) {
    double bytes = studies.stream().mapToLong(study -> study.texts().pageBytes()).sum();
    double share = Math.min(1, PAGE_BYTES / bytes);
    int domains = domains(studies);
    List<Report.Trace> traces = new ArrayList<>();
    for (TraceStudy study : studies) {
      long all = study.texts().read().sequences();
      long wanted = texts == null ? Math.max(1, (long) (share * all)) : Math.min(texts, all);
      List<ReplayRow> rows = ofLargestDomains(study, domains);
      List<TreeStudy> ofTrees = trees.get(traces.size());
      UnderLoad load = loads.get(traces.size());
      List<Shown> shown = shown(study, wanted, words.pieces);
      Report.Trace trace = trace(study, ofTrees, load, rows, compared, shown, studies.size() > 1);
      List<String> source = words.sources.get(traces.size());
      traces.add(
          trace.withTaken(
              new Report.Taken(words.engines.of(study, ofBestDraft(trace, compared)), source)));
    }
    List<String> sources = new ArrayList<>();
    compared.rules().forEach(rule -> sources.add("Rule " + rule.name() + ": " + rule.source()));
    sources.addAll(Report.PAPERS);
    compared.deployments().stream()
        .map(Deployment::latency)
        .distinct()
        .forEach(latency -> sources.addAll(latency.sources()));
    presets.forEach(
        preset -> sources.add("Synthetic acceptance " + preset.name() + ": " + preset.source()));
    return new Report(
        compared, traces, presets, sources, texts == null ? MOST_PAGE_BYTES : Long.MAX_VALUE);
  }

  /** Every setting of the best draft under the first deployment, over everything. */
  private static List<ReplayRow> ofBestDraft(Report.Trace trace, Compared compared) {
    Deployment first = compared.deployments().get(0);
    ReplayRow best = trace.best(first);
    return trace.rows().stream()
        .filter(row -> row.deployment() == first && row.domain().equals(best.domain()))
        .filter(row -> row.setting().draft() == best.setting().draft())
        .toList();
  }

  /** How many domains of each trace there is room for. */
  private static int domains(List<TraceStudy> studies) {
    long rows = 0; // of one domain of each
    for (TraceStudy study : studies) {
      String everything = study.texts().read().domain();
      rows += study.rows().stream().filter(row -> row.domain().equals(everything)).count();
    }
    return (int) Math.min(MOST_DOMAINS, MOST_DOMAIN_ROWS / rows);
  }

  /** The rows over everything, and those of the domains with the most generated tokens. */
  private static List<ReplayRow> ofLargestDomains(TraceStudy study, int most) {
    String everything = study.texts().read().domain();
    Map<String, Long> positions = new TreeMap<>();
    study.rows().forEach(row -> positions.put(row.domain(), row.counts().positions()));
    positions.remove(everything);
    Set<String> held =
        positions.entrySet().stream()
            .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
            .limit(most)
            .map(Map.Entry::getKey)
            .collect(Collectors.toCollection(HashSet::new));
    held.add(everything);
    return study.rows().stream().filter(row -> held.contains(row.domain())).toList();
  }

  /** Evenly spread over what was kept of the trace. */
  private static List<Shown> shown(TraceStudy study, long wanted, Pieces pieces) {
    TraceHeader header = study.texts().read().header();
    return evenly(study.texts().some(), wanted).stream()
        .map(
            sequence ->
                new Shown(
                    sequence,
                    pieces.of(header, sequence),
                    IntStream.range(0, sequence.drafts().size())
                        .mapToObj(draft -> OwnTexts.of(header, sequence, draft, pieces))
                        .toList()))
        .toList();
  }

  /** As many as wanted, or all where there are fewer. */
  static <T> List<T> evenly(List<T> all, long wanted) {
    long most = Math.min(wanted, all.size());
    return IntStream.range(0, all.size())
        .filter(i -> (i + 1) * most / all.size() > i * most / all.size())
        .mapToObj(all::get)
        .toList();
  }

  private static Report.Trace trace(
      TraceStudy study,
      List<TreeStudy> trees,
      UnderLoad load,
      List<ReplayRow> rows,
      Compared compared,
      List<Shown> shown,
      boolean several) {
    List<Chart> charts = charts(study, rows, compared);
    String name = study.texts().read().name();
    return new Report.Trace(
        study,
        rows,
        several ? charts.stream().map(chart -> chart.of(stem(name))).toList() : charts,
        curves(study, compared, shown),
        shown,
        trees,
        several && load != null ? load.of(stem(name)) : load,
        new Report.Taken(List.of(), List.of(name)));
  }

  /**
   * Refuses traces whose charts would overwrite each other.
   *
   * @param traces as they are named on the command line
   */
  public static void requireDistinct(List<String> traces) {
    Set<String> names = new HashSet<>();
    for (String trace : traces) {
      String stem = stem(trace);
      if (!names.add(stem)) {
        throw new IllegalArgumentException(
            "two traces are called '" + stem + "', which names their charts; rename one of them");
      }
    }
  }

  /** A trace's name without its suffixes. */
  public static String stem(String trace) {
    return trace.replaceFirst("\\.jsonl(\\.gz|\\.zst)?$", "").replaceAll("[^\\p{L}\\p{N}._-]", "-");
  }

  private static List<Chart> charts(TraceStudy study, List<ReplayRow> rows, Compared compared) {
    Deployment first = compared.deployments().get(0);
    TraceHeader header = study.texts().read().header();
    String everything = study.texts().read().domain();
    ReplayRow best =
        ReplayRow.fastest(
            rows.stream()
                .filter(row -> row.domain().equals(everything) && row.deployment() == first)
                .toList());
    double temperature = header.sampling().temperature();
    String decoding = temperature == 0 ? "greedy" : "temperature\u00a0" + temperature;
    String setting = best.draft() + ", rule " + best.rule() + ", " + decoding;
    List<ReplayRow> own =
        rows.stream()
            .filter(row -> row.setting().draft() == best.setting().draft())
            .filter(row -> row.setting().rule() == best.setting().rule())
            .toList();
    List<ReplayRow> ofFirst = own.stream().filter(row -> row.deployment() == first).toList();
    List<Chart> charts = new ArrayList<>();
    String priced = setting + "; " + Verdict.priced(first);
    charts.add(Charts.speedupByDraftLength(ofFirst, priced));
    if (best.overlap() != null) {
      LatencyModel latency = first.latency().atTemperature(temperature);
      int context = meanContext(study, best);
      charts.add(
          Charts.speedupByOverlap(
              ofFirst.stream().filter(row -> row.draftLength().equals(best.draftLength())).toList(),
              latency.step(first.batch(), best.setting().draft().step(best.draftLength()), context)
                  / latency.baselineStep(first.batch(), context),
              priced + ", K\u00a0=\u00a0" + best.draftLength()));
    }
    String counts = setting + ", K\u00a0=\u00a0" + study.histograms().get(0).draftLength();
    charts.add(AcceptanceCharts.jointAcceptance(study.histograms(), counts));
    charts.add(AcceptanceCharts.conditionalAcceptance(study.histograms(), counts));
    charts.add(AcceptanceCharts.acceptedCounts(study.histograms(), counts));
    if (!study.swept().isEmpty()) {
      charts.add(Charts.speedupByBatch(study.swept(), setting + pair(study.swept())));
    }
    List<ReplayRow> alike =
        own.stream()
            .filter(row -> row.domain().equals(everything) && row.batch() == first.batch())
            .filter(row -> Objects.equals(row.context(), first.contextTokens()))
            .toList();
    String load = setting + pair(alike) + ", batch " + first.batch();
    if (alike.stream().map(ReplayRow::deployment).distinct().count() > 1) {
      charts.add(Charts.speedupByHardware(alike, load));
    }
    List<ReplayRow> rented =
        alike.stream().filter(row -> row.usdPerMillionTokens() != null).toList();
    if (!rented.isEmpty()) {
      charts.add(Charts.priceByDraftLength(rented, load));
    }
    return charts;
  }

  /** The pair that is priced, where all rows are of one. */
  private static String pair(List<ReplayRow> rows) {
    List<String> pairs =
        rows.stream()
            .map(ReplayRow::deployment)
            .filter(deployment -> deployment.latency().targetModel() != null)
            .map(deployment -> Verdict.pair(deployment))
            .distinct()
            .toList();
    return pairs.size() == 1 ? "; " + pairs.get(0) : "";
  }

  /** Tokens in the cache when a step starts, on average over the generated tokens. */
  private static int meanContext(TraceStudy study, ReplayRow best) {
    double sum = 0;
    double tokens = 0;
    for (TraceSequence each : study.texts().some()) {
      ReplaySequence sequence = best.setting().draft().sequence(each, study.rules().get(0));
      sum += sequence.tokens() * sequence.meanContextTokens(best.deployment());
      tokens += sequence.tokens();
    }
    return (int) Math.max(0, Math.round(sum / tokens));
  }

  /**
   * [priced deployments][drafts]: costs as numbers, over every context at which a shown text starts
   * a step.
   */
  private static List<List<StepCurves>> curves(
      TraceStudy study, Compared compared, List<Shown> shown) {
    List<List<StepCurves>> curves = new ArrayList<>();
    for (Report.Priced priced : compared.priced()) {
      Deployment deployment = priced.deployment();
      curves.add(
          study.drafts().stream()
              .map(draft -> curves(study, compared, deployment, draft, shown))
              .toList());
    }
    return curves;
  }

  private static StepCurves curves(
      TraceStudy study,
      Compared compared,
      Deployment deployment,
      ReplayDraft draft,
      List<Shown> shown) {
    List<ReplaySequence> sequences =
        shown.stream().map(one -> draft.sequence(one.sequence(), study.rules().get(0))).toList();
    int from =
        sequences.stream()
            .mapToInt(sequence -> sequence.firstContextTokens(deployment))
            .min()
            .orElse(0);
    int[] to = new int[compared.draftLengths().get(compared.draftLengths().size() - 1) + 1];
    Arrays.fill(to, from);
    for (ReplaySequence sequence : sequences) {
      int last = sequence.textTokens(deployment) - 2; // the last step's
      for (int drafted = 0; drafted < to.length; drafted++) {
        int reached = sequence.endKnown() ? last - drafted : last;
        to[drafted] = Math.max(to[drafted], reached);
      }
    }
    return StepCurves.of(
        deployment.latency().atTemperature(study.texts().read().header().sampling().temperature()),
        deployment.batch(),
        draft::step,
        from,
        to);
  }
}
