package redraft.trace.importing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.json.LineSource;

/**
 * Imports results of {@code vllm bench serve --save-result}: {@code spec_decode_…}, in which the
 * acceptance rate is in percent and those by position are shares of all steps.
 */
final class VllmBenchImporter implements TraceImporter {
  /** By how much numbers that say the same may differ, of 1. */
  private static final double ROUNDING = 1e-3;

  @Override
  public String name() {
    return "vllm-bench";
  }

  @Override
  public String description() {
    return "Results of vllm bench serve --save-result, a line each, of a server that speculates; several are added up.";
  }

  @Override
  public boolean recognises(String beginning) {
    return beginning.contains("\"tokenizer_id\"") && beginning.contains("\"request_rate\"");
  }

  @Override
  public List<String> convert(Inputs inputs, Settings settings, Path trace) throws IOException {
    SpeculationCounts all = null;
    for (LineSource file : inputs.files()) {
      try (LineReader lines = new LineReader(file)) {
        while (lines.advance()) {
          if (lines.blank()) {
            continue;
          }
          SpeculationCounts counts = lines.parse(() -> parse(lines));
          if (all != null && all.depth() != counts.depth()) {
            throw lines.error(
                "the run drafted "
                    + counts.depth()
                    + " tokens a step, those before it "
                    + all.depth()
                    + "; import them apart");
          }
          all = all == null ? counts : all.plus(counts);
        }
        if (all == null) {
          throw lines.error("the file is empty");
        }
      }
    }
    return MeasuredTraces.histogram(
        all, settings, VllmMetricsImporter.USUAL.from("vllm-bench"), trace);
  }

  private static SpeculationCounts parse(LineReader lines) throws IOException {
    double rate = Double.NaN;
    double length = Double.NaN;
    double steps = Double.NaN;
    double drafted = Double.NaN;
    double accepted = Double.NaN;
    double[] shares = new double[0];
    Fields fields = lines.fields();
    for (String name; (name = fields.next()) != null; ) {
      switch (name) {
        case "spec_decode_acceptance_rate" -> rate = lines.number();
        case "spec_decode_acceptance_length" -> length = lines.number();
        case "spec_decode_num_drafts" -> steps = lines.number();
        case "spec_decode_draft_tokens" -> drafted = lines.number();
        case "spec_decode_accepted_tokens" -> accepted = lines.number();
        case "spec_decode_per_position_acceptance_rates" -> shares = lines.numbers();
        default -> lines.skip();
      }
    }
    if (Double.isNaN(rate) && Double.isNaN(length)) {
      throw lines.error("no \"spec_decode_acceptance_rate\": did the server speculate?");
    }
    if (shares.length == 0) {
      throw lines.error(
          "no \"spec_decode_per_position_acceptance_rates\": a mean has no shape; a newer vllm bench writes them");
    }
    fields.require(
        "spec_decode_num_drafts", "spec_decode_draft_tokens", "spec_decode_accepted_tokens");
    requireAlike(lines, "spec_decode_acceptance_rate", rate, "percent", 100 * accepted / drafted);
    requireAlike(
        lines, "spec_decode_acceptance_length", length, "tokens a step", 1 + accepted / steps);
    double[] reached = new double[shares.length];
    for (int k = 0; k < shares.length; k++) {
      if (!(shares[k] >= 0 && shares[k] <= 1)) {
        throw lines.error(
            "\"spec_decode_per_position_acceptance_rates["
                + k
                + "]\" is "
                + shares[k]
                + ", not a share from 0 to 1");
      }
      reached[k] = shares[k] * steps;
    }
    SpeculationCounts counts = new SpeculationCounts(steps, drafted, accepted, reached);
    if (counts.contradiction() != null) {
      throw lines.error(counts.contradiction());
    }
    return counts;
  }

  private static void requireAlike(
      LineReader lines, String field, double said, String unit, double follows) {
    if (!Double.isNaN(said)
        && Math.abs(said - follows) > ROUNDING * Math.max(1, Math.abs(follows))) {
      throw lines.error(
          "\""
              + field
              + "\" is "
              + said
              + ", and the counts beside it give "
              + follows
              + " "
              + unit);
    }
  }
}
