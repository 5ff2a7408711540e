package redraft.trace.importing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.json.LineSource;

/**
 * Imports {@code meta_info} of SGLang's {@code /generate}: {@code spec_correct_drafts_histogram},
 * by accepted tokens, whose sums {@code spec_verify_ct} and {@code spec_num_correct_drafts} repeat.
 * No step is kept by itself. {@code spec_num_proposed_drafts} counts the tokens of trees too, so
 * the depth of a tree has to be named.
 */
final class SglangMetricsImporter implements TraceImporter {
  private static final MeasuredTraces.Usual USUAL =
      new MeasuredTraces.Usual("sglang", "greedy-draft", 1);

  @Override
  public String name() {
    return "sglang-metrics";
  }

  @Override
  public String description() {
    return "Responses of SGLang's /generate, a line each, with meta_info.spec_correct_drafts_histogram; a histogram is all"
        + " that it keeps. Name the depth with --drafted where it drafted trees.";
  }

  @Override
  public boolean recognises(String beginning) {
    return beginning.contains("\"meta_info\"") && beginning.contains("\"spec_");
  }

  private record Request(long[] histogram, long proposed) {}

  @Override
  public List<String> convert(Inputs inputs, Settings settings, Path trace) throws IOException {
    double[] histogram = new double[1];
    double proposed = 0;
    long requests = 0;
    long skipped = 0;
    for (LineSource file : inputs.files()) {
      try (LineReader lines = new LineReader(file)) {
        while (lines.advance()) {
          if (lines.blank()) {
            continue;
          }
          Request request = lines.parse(() -> parse(lines));
          if (request == null) {
            skipped++;
            continue;
          }
          requests++;
          proposed += request.proposed;
          histogram =
              Arrays.copyOf(histogram, Math.max(histogram.length, request.histogram.length));
          for (int j = 0; j < request.histogram.length; j++) {
            histogram[j] += request.histogram[j];
          }
        }
      }
    }
    if (requests == 0) {
      throw new IllegalArgumentException(
          inputs.files().get(0).name()
              + " says nothing of speculation: no \"meta_info.spec_correct_drafts_histogram\"; run SGLang with"
              + " speculation, 0.5.10 or later");
    }
    double steps = Arrays.stream(histogram).sum();
    int most = histogram.length - 1;
    int each = (int) Math.round(proposed / steps);
    Integer named = settings.drafting().length();
    if (named != null && named < most) {
      throw new IllegalArgumentException(
          "--drafted " + named + " is less than the " + most + " tokens that a step accepted");
    }
    int depth = Math.max(1, named == null ? Math.max(each, most) : named);
    List<String> notes = new ArrayList<>();
    if (skipped > 0) {
      notes.add(
          skipped
              + " of "
              + (requests + skipped)
              + " lines were passed over: no \"meta_info.spec_correct_drafts_histogram\"");
    }
    if (each > most || each > depth) {
      notes.add(
          "steps proposed "
              + each
              + " tokens, and none accepted more than "
              + most
              + ": "
              + (named == null
                  ? "if they were trees, name their depth with --drafted"
                  : "of a tree, whose acceptance is not that of a chain of depth " + depth));
    }
    notes.addAll(
        MeasuredTraces.histogram(
            SpeculationCounts.ofHistogram(histogram, depth, Math.min(proposed, steps * depth)),
            settings,
            USUAL,
            trace));
    return notes;
  }

  /** Null where the line says nothing of speculation. */
  private static Request parse(LineReader lines) throws IOException {
    Request request = null;
    Fields fields = lines.fields();
    for (String name; (name = fields.next()) != null; ) {
      if (name.equals("meta_info")) {
        request = metaInfo(lines);
      } else {
        lines.skip();
      }
    }
    return request;
  }

  private static Request metaInfo(LineReader lines) throws IOException {
    int[] histogram = null;
    Long steps = null;
    Long correct = null;
    Long proposed = null;
    Fields fields = lines.fields();
    for (String name; (name = fields.next()) != null; ) {
      switch (name) {
        case "spec_correct_drafts_histogram" -> histogram = lines.integers();
        case "spec_verify_ct" -> steps = lines.wholeNumber();
        case "spec_num_correct_drafts" -> correct = lines.wholeNumber();
        case "spec_num_proposed_drafts" -> proposed = lines.wholeNumber();
        default -> lines.skip();
      }
    }
    if (histogram == null) {
      return null;
    }
    fields.require("spec_verify_ct", "spec_num_correct_drafts", "spec_num_proposed_drafts");
    if (histogram.length == 0 || histogram.length > Drafting.MOST + 1) {
      throw lines.error(
          "\"meta_info.spec_correct_drafts_histogram\" has "
              + histogram.length
              + " entries, not from 1 to "
              + (Drafting.MOST + 1));
    }
    long[] counts = Arrays.stream(histogram).asLongStream().toArray();
    if (Arrays.stream(counts).anyMatch(count -> count < 0)) {
      throw lines.error("\"meta_info.spec_correct_drafts_histogram\" has a number below 0");
    }
    requireSum(lines, Arrays.stream(counts).sum(), "spec_verify_ct", steps);
    requireSum(lines, AcceptanceRecord.weighted(counts), "spec_num_correct_drafts", correct);
    if (proposed < correct) {
      throw lines.error(
          "\"meta_info.spec_num_correct_drafts\" is "
              + correct
              + ", more than the "
              + proposed
              + " proposed");
    }
    return new Request(counts, proposed);
  }

  private static void requireSum(LineReader lines, long sum, String other, long expected) {
    if (sum != expected) {
      throw lines.error(
          "\"meta_info.spec_correct_drafts_histogram\" makes "
              + sum
              + " of \"meta_info."
              + other
              + "\", which is "
              + expected);
    }
  }
}
