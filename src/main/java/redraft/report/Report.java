package redraft.report;

import java.util.List;
import java.util.Objects;
import redraft.latency.PriceKnots;
import redraft.metrics.ReplayRow;
import redraft.study.HistogramRow;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;

/**
 * Everything that a report says, gathered once; each format is one way to write it down.
 *
 * @param rules compared, in that order
 * @param draftLengths compared, ascending
 * @param prices at least one
 * @param assumedPrice whether nobody named a price, so that the cost ratio is an assumption
 * @param seed of the bootstrap, and the first of the sampled timelines
 * @param traces at least one
 * @param sources where synthetic presets and prices come from, a line each
 */
public record Report(
    List<String> rules,
    List<Integer> draftLengths,
    List<Price> prices,
    boolean assumedPrice,
    long seed,
    List<Trace> traces,
    List<String> sources) {

  /**
   * One deployment.
   *
   * @param hardware the latency model's name
   * @param targetModel that the times are of; null where they are not of a model in particular
   * @param draftModel as for the target
   * @param context prompt tokens that every sequence is priced with; null for its own
   * @param costRatio null unless this is all that is known
   * @param usdPerHour null where it is not known
   */
  public record Price(
      String hardware,
      String targetModel,
      String draftModel,
      int batch,
      Integer context,
      boolean milliseconds,
      Double costRatio,
      Double usdPerHour) {
    /** Whether a row has this price. */
    public boolean priced(ReplayRow row) {
      return row.hardware().equals(hardware)
          && (targetModel == null || row.targetModel().equals(targetModel))
          && (draftModel == null || row.draftModel().equals(draftModel))
          && row.batch() == batch
          && Objects.equals(row.context(), context);
    }
  }

  /**
   * A price in numbers, over the contexts of one recording and for its temperature.
   *
   * @param model with the latency model's draft
   * @param freeDraft with a draft that costs nothing, as prompt lookup does
   */
  public record Steps(PriceKnots model, PriceKnots freeDraft) {}

  /**
   * One recording.
   *
   * @param complete false where the recording was cut after these sequences
   * @param sequences in the trace
   * @param prompts that they continue
   * @param positions in the trace
   * @param rows every setting compared, over everything and for each domain
   * @param histograms of accepted counts, beside synthetic acceptance: of the best setting's draft
   *     and rule, at one draft length
   * @param charts of the best setting
   * @param steps what they cost, in the order of the report's prices
   * @param shown sequences that the page holds, without logits
   */
  public record Trace(
      String name,
      TraceHeader header,
      boolean complete,
      long sequences,
      long prompts,
      long positions,
      List<ReplayRow> rows,
      List<HistogramRow> histograms,
      List<Chart> charts,
      List<Steps> steps,
      List<Shown> shown) {
    /** The setting with the highest speedup over everything at this price. */
    public ReplayRow best(Price price) {
      return Charts.best(rows(price, ALL));
    }

    /** The setting with the highest speedup of each domain, in alphabetical order. */
    public List<ReplayRow> bestByDomain(Price price) {
      return rows.stream()
          .map(ReplayRow::domain)
          .filter(domain -> !domain.equals(ALL))
          .distinct()
          .sorted()
          .map(domain -> rows(price, domain))
          .filter(own -> !own.isEmpty())
          .map(Charts::best)
          .toList();
    }

    /** The drafts compared. */
    public List<String> drafts() {
      return rows.stream().map(ReplayRow::draft).distinct().toList();
    }

    private List<ReplayRow> rows(Price price, String domain) {
      return rows.stream().filter(row -> row.domain().equals(domain) && price.priced(row)).toList();
    }

    /** Whether probabilities were recorded, and not accept lengths only. */
    public boolean hasProbabilities() {
      return shown.stream().anyMatch(one -> one.sequence().target().hasProbabilities());
    }
  }

  static final String ALL = TraceSequence.ALL_DOMAINS;

  /** Where the rules, the formula and the intervals come from. */
  public static final List<String> PAPERS =
      List.of(
          "Rule token, the i.i.d. formula, overlap α: Leviathan, Kalman, Matias 2023, Fast Inference from Transformers via "
              + "Speculative Decoding, arXiv:2211.17192",
          "Rule token: Chen et al. 2023, Accelerating Large Language Model Decoding with Speculative Sampling, arXiv:2302.01318",
          "Rule block: Sun et al. 2024, Block Verification Accelerates Speculative Decoding, arXiv:2403.10444",
          "Rule greedy-draft: what vLLM does unless told otherwise. Rule exact-match: llama.cpp",
          "Intervals: Efron 1979, Bootstrap Methods: Another Look at the Jackknife, doi:10.1214/aos/1176344552");

  /** The best setting of each trace, in a sentence. */
  public List<String> headlines() {
    return traces.stream()
        .map(trace -> trace.name() + ": " + Findings.headline(this, trace))
        .toList();
  }

  /**
   * A sequence in the page.
   *
   * @param pieces [tokens]: the text that each token adds; null where no tokenizer is at hand
   * @param lookup how far copies of earlier text match, for drafts that are no models; null if
   *     there is none
   */
  public record Shown(TraceSequence sequence, List<String> pieces, Lookup lookup) {}

  /**
   * Prompt lookup on one sequence, over the positions that decoding commits.
   *
   * @param matched leading tokens of the copy that are accepted
   * @param available tokens that the copy has
   */
  public record Lookup(int[] matched, int[] available) {}
}
