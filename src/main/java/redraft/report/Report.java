package redraft.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import redraft.latency.Deployment;
import redraft.latency.StepCurves;
import redraft.metrics.ReplayRow;
import redraft.replay.ReplayDraft;
import redraft.study.HistogramRow;
import redraft.study.TraceStudy;
import redraft.study.TreeStudy;
import redraft.synthetic.Preset;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/**
 * Everything that a report says, gathered once; each format is one way to write it down.
 *
 * @param traces at least one
 * @param presets of synthetic acceptance, beside the traces
 * @param sources where rules, synthetic acceptance and costs come from, a line each
 * @param mostPageBytes that the page may have
 */
public record Report(
    Compared compared,
    List<Trace> traces,
    List<Preset> presets,
    List<String> sources,
    long mostPageBytes) {
  /**
   * What was asked for.
   *
   * @param rules in that order; a trace may have been able to replay only some
   * @param draftLengths ascending
   * @param deployments at least one; the first decides what is best
   * @param assumedCost whether nobody named a cost, so that the cost ratio is an assumption
   * @param seed of the sampled timelines
   * @param priced what the page prices: these deployments, and then others to try
   */
  public record Compared(
      List<VerificationRule> rules,
      List<Integer> draftLengths,
      List<Deployment> deployments,
      boolean assumedCost,
      long seed,
      List<Priced> priced) {}

  /**
   * A deployment of the page.
   *
   * @param options that name its costs in a command, but batch and context
   */
  public record Priced(Deployment deployment, List<String> options) {}

  /**
   * What a reader of the page takes along.
   *
   * @param settings of engines, for the best setting
   * @param source words that name the trace in a command
   */
  public record Taken(List<EngineSetting> settings, List<String> source) {}

  /**
   * One recording.
   *
   * @param rows every setting, over everything and for the largest domains
   * @param charts of the best setting, for those domains
   * @param curves [priced deployments][drafts]: what their steps cost, over the contexts of the
   *     shown texts and at the temperature of the recording
   * @param shown sequences that the page holds
   * @param trees of candidates that were compared with chains; none where nobody asked
   * @param underLoad null where nobody asked
   * @param taken from the page to elsewhere
   */
  public record Trace(
      TraceStudy study,
      List<ReplayRow> rows,
      List<Chart> charts,
      List<List<StepCurves>> curves,
      List<Shown> shown,
      List<TreeStudy> trees,
      UnderLoad underLoad,
      Taken taken) {
    public String name() {
      return study.texts().read().name();
    }

    public TraceHeader header() {
      return study.texts().read().header();
    }

    /** False where the recording was cut after these sequences. */
    public boolean complete() {
      return study.texts().read().complete();
    }

    public long sequences() {
      return study.texts().read().sequences();
    }

    /** All charts that have a picture. */
    List<Chart> pictures() {
      return underLoad == null
          ? charts
          : Stream.concat(charts.stream(), underLoad.charts().stream()).toList();
    }

    /** A trace of which the page holds other texts. */
    Trace withShown(List<Shown> texts) {
      return new Trace(study, rows, charts, curves, texts, trees, underLoad, taken);
    }

    /** The same with what is taken from it. */
    Trace withTaken(Taken other) {
      return new Trace(study, rows, charts, curves, shown, trees, underLoad, other);
    }

    public List<HistogramRow> histograms() {
      return study.histograms();
    }

    public List<ReplayDraft> drafts() {
      return study.drafts();
    }

    /** The setting with the highest speedup over everything under this deployment. */
    public ReplayRow best(Deployment deployment) {
      return ReplayRow.fastest(rows(deployment, study.texts().read().domain()));
    }

    /** The setting with the highest speedup of each domain, in alphabetical order. */
    public List<ReplayRow> bestByDomain(Deployment deployment) {
      return rows().stream()
          .map(ReplayRow::domain)
          .filter(domain -> !domain.equals(study.texts().read().domain()))
          .distinct()
          .sorted()
          .map(domain -> rows(deployment, domain))
          .map(ReplayRow::fastest)
          .toList();
    }

    /** What the largest domains leave out, and where it is; null for nothing. */
    String leftOut() {
      long all = domains(study.rows());
      long held = domains(rows);
      return all == held
          ? null
          : String.format(
              Locale.ROOT,
              "Left out: the smaller %,d of %,d domains. Charts, tables and report.json have the largest; report.csv has every one, "
                  + "and --domain NAME reports one alone.",
              all - held,
              all);
    }

    private long domains(List<ReplayRow> of) {
      String everything = study.texts().read().domain();
      return of.stream()
          .map(ReplayRow::domain)
          .filter(domain -> !domain.equals(everything))
          .distinct()
          .count();
    }

    private List<ReplayRow> rows(Deployment deployment, String domain) {
      return rows().stream()
          .filter(row -> row.domain().equals(domain) && row.deployment() == deployment)
          .toList();
    }

    /** Whether probabilities were recorded, and not accept lengths only. */
    public boolean hasProbabilities() {
      return shown.stream().anyMatch(one -> one.sequence().target().hasProbabilities());
    }
  }

  /**
   * What a serving engine is to be set to.
   *
   * @param engine its name and release
   * @param lines to paste
   * @param words which rule it follows with them, and what that gives
   */
  public record EngineSetting(String engine, List<String> lines, String words) {}

  /**
   * A sequence in the page.
   *
   * @param sequence without logits
   * @param pieces [tokens]: the text that each token adds; null where no tokenizer is at hand
   * @param wrote [drafts], by how they were drawn, [tokens]: what the draft wrote by itself from
   *     each position, empty where it began as the text goes on; nothing of drafts whose chains
   *     were not recorded
   */
  public record Shown(
      TraceSequence sequence, List<String> pieces, List<Map<String, List<String>>> wrote) {}

  /** Whether less than this can be shown in a page. */
  boolean canBeSmaller() {
    return traces.size() > 1 || traces.get(0).shown().size() > 1;
  }

  /**
   * A quarter of the texts less, and where each trace has only one, of the traces, the smallest.
   */
  Report smaller() {
    if (traces.stream().anyMatch(trace -> trace.shown().size() > 1)) {
      List<Trace> thinned =
          traces.stream()
              .map(
                  trace ->
                      trace.withShown(
                          ReportBuilder.evenly(
                              trace.shown(), Math.max(1, 3 * trace.shown().size() / 4))))
              .toList();
      return new Report(compared, thinned, presets, sources, mostPageBytes);
    }
    Set<Trace> largest = Collections.newSetFromMap(new IdentityHashMap<>());
    traces.stream()
        .sorted(Comparator.comparing((Trace trace) -> -trace.study().texts().positions()))
        .limit(Math.max(1, 3L * traces.size() / 4))
        .forEach(largest::add);
    List<Trace> kept = traces.stream().filter(largest::contains).toList();
    return new Report(compared, kept, presets, sources, mostPageBytes);
  }

  /** Where intervals and the formula come from. */
  static final List<String> PAPERS =
      List.of(
          "The i.i.d. formula, overlap α: Leviathan, Kalman, Matias 2023, Fast Inference from Transformers via Speculative "
              + "Decoding, arXiv:2211.17192",
          "Intervals: Student's t of a ratio of sums over prompts, Cochran 1977, Sampling Techniques, §6.19; Satterthwaite 1946, doi:10.2307/3002019");

  /** The best setting of each trace, in a sentence. */
  public List<String> headlines() {
    List<String> headlines = new ArrayList<>();
    traces.forEach(trace -> headlines.add(trace.name() + ": " + Findings.headline(this, trace)));
    return headlines;
  }
}
