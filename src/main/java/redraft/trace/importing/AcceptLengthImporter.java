package redraft.trace.importing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.json.LineSource;
import redraft.trace.DraftKind;
import redraft.trace.LogitDetail;
import redraft.trace.SeenIds;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceWriter;

/**
 * Imports measured accept lengths of greedy decoding, as published with the simulator of <a
 * href="https://arxiv.org/abs/2601.11580">Liu et al. 2026</a>: JSON Lines of {@code id}, {@code
 * prompt_token_ids}, {@code generated_token_ids} and, for each draft that was measured, {@code
 * acc_eagle.acc_len} or {@code acc_ngram.acc_len}.
 *
 * <p>There, {@code acc_len[g-1]} belongs to the step made when g tokens have been generated, the
 * first of them by the prefill; here it stands at position g, and the prefill's position 0 holds 1.
 * Decoding ends when g reaches the length of {@code acc_len}, so the last entry never starts a step
 * and is left out. That length is the measured run's own: it may have emitted another text than
 * {@code generated_token_ids}.
 */
final class AcceptLengthImporter implements TraceImporter {
  private static final List<String> DRAFTS = List.of("eagle", "ngram");

  /**
   * One line.
   *
   * @param acceptLengths by draft, in the order of {@link #DRAFTS}; as the trace has them
   */
  private record Entry(
      String id, int[] promptTokens, int[] tokens, Map<String, int[]> acceptLengths) {}

  @Override
  public String name() {
    return "accept-lengths";
  }

  @Override
  public String description() {
    return "JSON Lines of id, prompt_token_ids, generated_token_ids, acc_eagle.acc_len and acc_ngram.acc_len, "
        + "as published with arXiv:2601.11580. They say how many tokens each step would emit, and nothing of "
        + "probabilities.";
  }

  @Override
  public boolean recognises(String beginning) {
    return beginning.contains("\"acc_eagle\"") || beginning.contains("\"acc_ngram\"");
  }

  @Override
  public List<String> convert(Inputs inputs, Settings settings, Path trace) throws IOException {
    LineSource source = TraceImporters.onlyFile(this, inputs);
    TraceHeader header = header(source, settings);
    String previousId = null;
    int sample = 0;
    try (LineReader lines = new LineReader(source);
        TraceWriter writer = new TraceWriter(trace, header)) {
      while (lines.advance()) {
        Entry entry = lines.parse(() -> parse(lines));
        sample = entry.id.equals(previousId) ? sample + 1 : 0;
        previousId = entry.id;
        writer.write(
            new TraceSequence(
                new TraceSequence.Label(entry.id, sample, settings.domain()),
                new TraceSequence.Prefix("", entry.promptTokens),
                new TraceSequence.CommittedPath(entry.tokens, 1, TraceSequence.Finish.LENGTH),
                TraceSequence.Target.UNKNOWN,
                entry.acceptLengths.values().stream().map(Draft::ofAcceptLengths).toList()));
      }
      writer.finish();
    }
    return List.of();
  }

  /** Reads the whole file once: the header states the drafts and the vocabulary. */
  private TraceHeader header(LineSource source, Settings settings) throws IOException {
    List<String> drafts = null;
    SeenIds ids = new SeenIds();
    String previousId = null;
    int vocabularySize = settings.vocabularySize() == null ? 1 : settings.vocabularySize();
    try (LineReader lines = new LineReader(source)) {
      while (lines.advance()) {
        Entry entry = lines.parse(() -> parse(lines));
        List<String> here = List.copyOf(entry.acceptLengths.keySet());
        if (here.isEmpty()) {
          throw lines.error("neither \"acc_eagle\" nor \"acc_ngram\": no draft was measured");
        }
        if (drafts != null && !here.equals(drafts)) {
          throw lines.error(
              "measured drafts are "
                  + String.join(", ", here)
                  + ", those of the lines above "
                  + String.join(", ", drafts));
        }
        drafts = here;
        if (!entry.id.equals(previousId) && !ids.add(entry.id)) {
          throw lines.error("\"id\" is \"" + entry.id + "\" " + SeenIds.AGAIN);
        }
        previousId = entry.id;
        int size = 1 + Math.max(largest(entry.promptTokens), largest(entry.tokens));
        if (size > vocabularySize) {
          if (settings.vocabularySize() != null) {
            throw lines.error(
                "token "
                    + (size - 1)
                    + " is outside the vocabulary of "
                    + vocabularySize
                    + " tokens that was given");
          }
          vocabularySize = size;
        }
      }
      if (drafts == null) {
        throw lines.error("the file is empty");
      }
    }
    return new TraceHeader(
        new TraceHeader.TokenizerInfo("", vocabularySize),
        new TraceHeader.ModelInfo(settings.models().target(), "", 0),
        drafts.stream().map(AcceptLengthImporter::draft).toList(),
        new TraceHeader.Sampling(0, 0, 1, 0),
        LogitDetail.NONE);
  }

  private static TraceHeader.DraftInfo draft(String name) {
    DraftKind kind = name.equals("ngram") ? DraftKind.LOOKUP : DraftKind.PREFIX;
    return new TraceHeader.DraftInfo(name, "", 0, kind);
  }

  private static int largest(int[] tokens) {
    int largest = 0;
    for (int token : tokens) {
      largest = Math.max(largest, token);
    }
    return largest;
  }

  private static Entry parse(LineReader lines) throws IOException {
    String id = null;
    int[] promptTokens = null;
    int[] tokens = null;
    Map<String, int[]> found = new LinkedHashMap<>();
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "id" -> {
          id = lines.string();
          if (id.isEmpty()) {
            throw lines.error("\"id\" is empty");
          }
        }
        case "prompt_token_ids" -> promptTokens = tokens(lines, field);
        case "generated_token_ids" -> tokens = tokens(lines, field);
        case "acc_eagle", "acc_ngram" ->
            found.put(field.substring("acc_".length()), acceptLengths(lines, field));
        default -> lines.skip();
      }
    }
    fields.require("id", "prompt_token_ids", "generated_token_ids");
    Map<String, int[]> ordered = new LinkedHashMap<>();
    for (String draft : DRAFTS) {
      if (found.containsKey(draft)) {
        ordered.put(draft, found.get(draft));
      }
    }
    return new Entry(id, promptTokens, tokens, ordered);
  }

  private static int[] tokens(LineReader lines, String field) throws IOException {
    int[] tokens = lines.integers();
    requireRange(lines, field, tokens, 0, Integer.MAX_VALUE - 1);
    return tokens;
  }

  private static int[] acceptLengths(LineReader lines, String draft) throws IOException {
    int[] measured = null;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      if (field.equals("acc_len")) {
        measured = lines.integers();
      } else {
        lines.skip();
      }
    }
    fields.require("acc_len");
    requireRange(lines, draft + ".acc_len", measured, 1, Integer.MAX_VALUE);
    int[] acceptLength = new int[measured.length];
    acceptLength[0] = 1;
    System.arraycopy(measured, 0, acceptLength, 1, measured.length - 1);
    return acceptLength;
  }

  private static void requireRange(
      LineReader lines, String field, int[] values, int least, int most) {
    if (values.length == 0) {
      throw lines.error("\"" + field + "\" is empty");
    }
    for (int i = 0; i < values.length; i++) {
      if (values[i] < least || values[i] > most) {
        throw lines.error(
            "\"" + field + "[" + i + "]\" is " + values[i] + ", not from " + least + " to " + most);
      }
    }
  }
}
