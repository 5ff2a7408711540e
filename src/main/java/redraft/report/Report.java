package redraft.report;

import java.util.ArrayList;
import java.util.List;
import redraft.latency.Deployment;
import redraft.latency.StepCurves;
import redraft.metrics.ReplayRow;
import redraft.replay.ReplayDraft;
import redraft.study.HistogramRow;
import redraft.study.TraceStudy;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/**
 * Everything that a report says, gathered once; each format is one way to write it down.
 *
 * @param traces at least one
 * @param sources where rules, synthetic acceptance and costs come from, a line each
 */
public record Report(Compared compared, List<Trace> traces, List<String> sources) {
  /**
   * What was asked for.
   *
   * @param rules in that order; a trace may have been able to replay only some
   * @param draftLengths ascending
   * @param deployments at least one; the first decides what is best
   * @param assumedCost whether nobody named a cost, so that the cost ratio is an assumption
   * @param seed of the sampled timelines
   */
  public record Compared(
      List<VerificationRule> rules,
      List<Integer> draftLengths,
      List<Deployment> deployments,
      boolean assumedCost,
      long seed) {}

  /**
   * One recording.
   *
   * @param charts of the best setting
   * @param curves [deployments][drafts]: what their steps cost, over the contexts of the shown
   *     texts and at the temperature of the recording
   * @param shown sequences that the page holds
   */
  public record Trace(
      TraceStudy study, List<Chart> charts, List<List<StepCurves>> curves, List<Shown> shown) {
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

    public List<ReplayRow> rows() {
      return study.rows();
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
   * A sequence in the page.
   *
   * @param sequence without logits
   * @param pieces [tokens]: the text that each token adds; null where no tokenizer is at hand
   */
  public record Shown(TraceSequence sequence, List<String> pieces) {}

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
