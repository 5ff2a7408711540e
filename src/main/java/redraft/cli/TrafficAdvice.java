package redraft.cli;

import java.util.List;
import java.util.stream.Collectors;
import redraft.study.BestSetting;
import redraft.study.BestSetting.BatchRange;
import redraft.study.BestSetting.LengthAtBatch;

/**
 * What to draft at each batch: the length that decodes fastest on the trace where so many sequences
 * decode together, by exact replay.
 *
 * @param draft whose lengths these are
 * @param rule under which they are
 * @param ranges of batches, from 1 on
 */
record TrafficAdvice(String draft, String rule, List<BatchRange> ranges) {
  /**
   * @param best asked {@link BestSetting#inFull}
   */
  static TrafficAdvice of(BestSetting best) {
    if (best.batches().onlyOne() != null) {
      throw new IllegalArgumentException(
          "there is no table by batch to advise: "
              + best.batches().onlyOne()
              + "; leave out --advise");
    }
    return new TrafficAdvice(
        best.best().draft(), best.best().rule(), LengthAtBatch.ranges(best.batches().lengths()));
  }

  /** The policy that follows it. */
  String policy() {
    return ranges.stream()
        .map(range -> range.first() + "-" + range.last() + "=" + range.draftLength())
        .collect(Collectors.joining(",", "batch-table:", ""));
  }

  /** First and last batch and draft length of every range, as vLLM takes them. */
  List<List<Integer>> table() {
    return ranges.stream()
        .map(range -> List.of(range.first(), range.last(), range.draftLength()))
        .toList();
  }

  List<String> lines() {
    return List.of(
        "",
        "Draft lengths that decode fastest by batch (draft "
            + draft
            + ", rule "
            + rule
            + "): "
            + words(),
        "vLLM 0.33: \"num_speculative_tokens_per_batch_size\": "
            + table()
            + " in --speculative-config; redraft export writes the whole command, for other engines too.");
  }

  private String words() {
    return ranges.stream()
        .map(
            range ->
                "batch "
                    + range.first()
                    + "–"
                    + range.last()
                    + ": "
                    + (range.draftLength() == 0 ? "none" : "K = " + range.draftLength()))
        .collect(Collectors.joining(", "));
  }
}
