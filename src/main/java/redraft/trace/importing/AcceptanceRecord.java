package redraft.trace.importing;

import java.io.IOException;
import java.util.Arrays;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.trace.TraceSequence.Coins;
import redraft.trace.importing.TraceImporter.Drafting;

/**
 * What vLLM says of the speculation of one request ({@code metrics.speculative_decoding}), and
 * AIPerf of it ({@code spec_decode_acceptance}). Counts that contradict each other are refused:
 * they are the same steps, counted in several ways.
 *
 * @param histogram [accepted]: steps that accepted so many tokens
 * @param drafted tokens of all steps
 * @param depth most tokens that a step drafts; 0 where it is not said
 * @param completion tokens of the text; null where it is not said
 * @param coins null where steps were not kept one by one
 */
record AcceptanceRecord(
    long[] histogram, long drafted, int depth, Integer completion, Coins coins) {
  /**
   * Parses the object at which the reader stands.
   *
   * @param sparse whether the histogram is an object of those counts that came about, and not a
   *     list
   */
  static AcceptanceRecord parse(LineReader lines, String field, boolean sparse) throws IOException {
    long[] histogram = null;
    long steps = 0;
    long accepted = 0;
    long drafted = 0;
    int depth = 0;
    Integer completion = null;
    int[] perStepAccepted = null;
    int[] perStepDrafted = null;
    Fields fields = lines.fields();
    for (String name; (name = fields.next()) != null; ) {
      if (lines.isNull()) {
        continue;
      }
      switch (name) {
        case "acceptance_histogram" -> histogram = histogram(lines, field + '.' + name, sparse);
        case "num_spec_steps" -> steps = count(lines);
        case "num_accepted_draft_tokens" -> accepted = count(lines);
        case "num_draft_tokens" -> drafted = count(lines);
        case "num_spec_tokens" -> depth = (int) Math.min(Drafting.MOST, count(lines));
        case "completion_tokens" -> completion = RequestRecords.tokens(lines);
        case "per_step_accepted" -> perStepAccepted = lines.integers();
        case "per_step_drafted" -> perStepDrafted = lines.integers();
        default -> lines.skip();
      }
    }
    fields.require(
        "acceptance_histogram", "num_spec_steps", "num_accepted_draft_tokens", "num_draft_tokens");
    if (histogram == null) {
      throw lines.error("\"" + field + ".acceptance_histogram\" is null");
    }
    requireSum(
        lines,
        field + ".acceptance_histogram",
        Arrays.stream(histogram).sum(),
        "num_spec_steps",
        steps);
    requireSum(
        lines,
        field + ".acceptance_histogram, weighted by its places,",
        weighted(histogram),
        "num_accepted_draft_tokens",
        accepted);
    if (accepted > drafted) {
      throw lines.error(
          "\""
              + field
              + ".num_accepted_draft_tokens\" is "
              + accepted
              + ", more than \"num_draft_tokens\", "
              + drafted);
    }
    if (depth > 0 && histogram.length > depth + 1) {
      throw lines.error(
          "\""
              + field
              + ".acceptance_histogram\" reaches "
              + (histogram.length - 1)
              + " accepted tokens, and steps draft "
              + depth
              + " (\"num_spec_tokens\")");
    }
    Coins coins = null;
    if (perStepAccepted != null && perStepDrafted != null) {
      coins = new Coins(perStepAccepted, perStepDrafted);
      checkSteps(lines, field, coins, steps, accepted, drafted);
    } else if (steps == 0) {
      coins = new Coins(new int[0], new int[0]);
    }
    return new AcceptanceRecord(histogram, drafted, depth, completion, coins);
  }

  /** The same of a text of so many tokens. */
  AcceptanceRecord with(Integer tokens) {
    return new AcceptanceRecord(histogram, drafted, depth, tokens, coins);
  }

  private static void checkSteps(
      LineReader lines, String field, Coins coins, long steps, long accepted, long drafted) {
    for (int i = 0; i < Math.min(coins.accepted().length, coins.drafted().length); i++) {
      int kept = coins.accepted()[i];
      int tried = coins.drafted()[i];
      if (tried < 0 || tried > Drafting.MOST) {
        throw lines.error(
            "\""
                + field
                + ".per_step_drafted["
                + i
                + "]\" is "
                + tried
                + ", not from 0 to "
                + Drafting.MOST);
      }
      if (kept < 0 || kept > tried) {
        throw lines.error(
            "\""
                + field
                + ".per_step_accepted["
                + i
                + "]\" is "
                + kept
                + ", not from 0 to the "
                + tried
                + " drafted");
      }
    }
    requireEntries(lines, field + ".per_step_accepted", coins.accepted(), steps);
    requireEntries(lines, field + ".per_step_drafted", coins.drafted(), steps);
    requireSum(
        lines,
        field + ".per_step_accepted",
        sum(coins.accepted()),
        "num_accepted_draft_tokens",
        accepted);
    requireSum(
        lines, field + ".per_step_drafted", sum(coins.drafted()), "num_draft_tokens", drafted);
  }

  private static long sum(int[] values) {
    return Arrays.stream(values).asLongStream().sum();
  }

  /** Accepted tokens of a histogram. */
  static long weighted(long[] histogram) {
    long sum = 0;
    for (int j = 0; j < histogram.length; j++) {
      sum += j * histogram[j];
    }
    return sum;
  }

  private static void requireEntries(LineReader lines, String field, int[] values, long steps) {
    if (values.length != steps) {
      throw lines.error(
          "\"" + field + "\" has " + values.length + " entries, \"num_spec_steps\" is " + steps);
    }
  }

  private static void requireSum(
      LineReader lines, String field, long sum, String other, long expected) {
    if (sum != expected) {
      throw lines.error(
          "\"" + field + "\" adds up to " + sum + ", \"" + other + "\" is " + expected);
    }
  }

  private static long count(LineReader lines) throws IOException {
    long count = lines.wholeNumber();
    if (count < 0 || count > 1L << 40) {
      throw lines.wrongValue("not a count");
    }
    return count;
  }

  /** A list by accepted tokens, or an object of those that came about. */
  private static long[] histogram(LineReader lines, String field, boolean sparse)
      throws IOException {
    long[] histogram = new long[0];
    if (!sparse) {
      histogram = Arrays.stream(lines.integers()).asLongStream().toArray();
    } else {
      Fields places = lines.fields();
      for (String place; (place = places.next()) != null; ) {
        int accepted = place.matches("\\d{1,4}") ? Integer.parseInt(place) : Integer.MAX_VALUE;
        if (accepted > Drafting.MOST) {
          throw lines.error(
              "\""
                  + field
                  + "\" has a field \""
                  + place
                  + "\", which is no number of accepted tokens from 0 to "
                  + Drafting.MOST);
        }
        histogram = Arrays.copyOf(histogram, Math.max(histogram.length, accepted + 1));
        histogram[accepted] = count(lines);
      }
    }
    for (int j = 0; j < histogram.length; j++) {
      if (histogram[j] < 0) {
        throw lines.error("\"" + field + "[" + j + "]\" is " + histogram[j] + ", not a count");
      }
    }
    if (histogram.length > Drafting.MOST + 1) {
      throw lines.error(
          "\""
              + field
              + "\" reaches "
              + (histogram.length - 1)
              + " accepted tokens, not at most "
              + Drafting.MOST);
    }
    return histogram;
  }
}
