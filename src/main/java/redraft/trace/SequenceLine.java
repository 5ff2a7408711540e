package redraft.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.json.LineWriter;
import redraft.trace.TraceSequence.CommittedPath;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSequence.Label;
import redraft.trace.TraceSequence.Prefix;
import redraft.trace.TraceSequence.Target;
import redraft.trace.TraceSequence.TopLogits;

/** A sequence as it stands in a file. */
final class SequenceLine {
  private static final int MOST_UNKNOWN = 10_000_000; // tokens; 40 MB
  private final LineReader lines;

  private SequenceLine(LineReader lines) {
    this.lines = lines;
  }

  /**
   * Reads the current line.
   *
   * @throws redraft.json.LineException if it lacks a field, or a value is of another type
   */
  static TraceSequence parse(LineReader lines) {
    return lines.parse(new SequenceLine(lines)::parseSequence);
  }

  private TraceSequence parseSequence() throws IOException {
    String id = null;
    int sample = 0;
    String domain = null;
    String prompt = null;
    int[] promptTokens = null;
    int[] tokens = null;
    int decodeFrom = 0;
    Finish finish = null;
    Target target = null;
    List<Draft> drafts = null;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "id" -> id = lines.string();
        case "sample" -> sample = lines.integer();
        case "domain" -> domain = lines.string();
        case "prompt" -> prompt = lines.string();
        case "promptTokens" -> promptTokens = lines.integers();
        case "promptLength" -> promptTokens = unknown();
        case "tokens" -> tokens = lines.integers();
        case "length" -> tokens = unknown();
        case "decodeFrom" -> decodeFrom = lines.integer();
        case "finish" -> {
          finish =
              switch (lines.string()) {
                case "eos" -> Finish.EOS;
                case "length" -> Finish.LENGTH;
                default -> throw lines.wrongValue("not \"eos\" or \"length\"");
              };
        }
        case "target" -> target = parseTarget();
        case "drafts" -> drafts = List.copyOf(lines.list(new DraftLine(lines, this)::parse));
        default -> lines.skip();
      }
    }
    if (fields.hasAny("promptLength")) {
      fields.forbid("promptLength", "promptTokens");
    } else {
      fields.require("promptTokens");
    }
    if (fields.hasAny("length")) {
      fields.forbid("length", "tokens");
    } else {
      fields.require("tokens");
    }
    fields.require("id", "sample", "domain", "prompt", "finish", "target", "drafts");
    return new TraceSequence(
        new Label(id, sample, domain),
        new Prefix(prompt, promptTokens),
        new CommittedPath(tokens, decodeFrom, finish),
        target,
        drafts);
  }

  /** Tokens of which only their number is known. */
  private int[] unknown() throws IOException {
    int count = lines.integer();
    if (count < 1 || count > MOST_UNKNOWN) {
      throw lines.wrongValue("not from 1 to " + MOST_UNKNOWN);
    }
    return TraceSequence.unknown(count);
  }

  private Target parseTarget() throws IOException {
    double[] logprob = null;
    double[] entropy = null;
    double[] margin = null;
    TopLogits top = null;
    double[] tail = null;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "logprob" -> logprob = lines.numbers();
        case "entropy" -> entropy = lines.numbers();
        case "margin" -> margin = lines.numbers();
        case "top" -> top = parseTop();
        case "tail" -> tail = lines.numbers();
        default -> lines.skip();
      }
    }
    if (!fields.hasAny("logprob", "entropy", "margin", "top", "tail")) {
      return Target.UNKNOWN;
    }
    fields.require("logprob");
    return new Target(logprob, entropy, margin, withTail(fields, top, tail));
  }

  /** "top" alone; its tail is not known yet. */
  TopLogits parseTop() throws IOException {
    int[][] tokens = null;
    float[][] logits = null;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "tokens" -> tokens = lines.list(lines::integers).toArray(int[][]::new);
        case "logits" -> logits = lines.list(lines::singles).toArray(float[][]::new);
        default -> lines.skip();
      }
    }
    fields.require("tokens", "logits");
    return new TopLogits(tokens, logits, null);
  }

  static TopLogits withTail(Fields fields, TopLogits top, double[] tail) {
    if (top == null && tail == null) {
      return null;
    }
    fields.require("top", "tail");
    return new TopLogits(top.tokens(), top.logits(), tail);
  }

  /** The line of a sequence, its newline included: equal lines are equal sequences. */
  static byte[] bytes(TraceSequence sequence) throws IOException {
    return LineWriter.line(
        json -> {
          json.writeStringField("id", sequence.id());
          json.writeNumberField("sample", sequence.sample());
          json.writeStringField("domain", sequence.domain());
          json.writeStringField("prompt", sequence.prompt());
          writeTokens(json, "promptTokens", "promptLength", sequence.promptTokens());
          writeTokens(json, "tokens", "length", sequence.tokens());
          if (sequence.decodeFrom() != 0) {
            json.writeNumberField("decodeFrom", sequence.decodeFrom());
          }
          json.writeStringField("finish", sequence.finish().name().toLowerCase(Locale.ROOT));
          json.writeObjectFieldStart("target");
          writeTarget(json, sequence.target());
          json.writeEndObject();
          json.writeArrayFieldStart("drafts");
          for (Draft draft : sequence.drafts()) {
            json.writeStartObject();
            DraftLine.write(json, draft);
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }

  private static void writeTarget(JsonGenerator json, Target target) throws IOException {
    if (target.hasProbabilities()) {
      writeNumbers(json, "logprob", target.logprob());
      writeKnown(json, "entropy", target.entropy());
      writeKnown(json, "margin", target.margin());
      writeTop(json, target.top());
    }
  }

  static void writeTop(JsonGenerator json, TopLogits top) throws IOException {
    if (top == null) {
      return;
    }
    json.writeObjectFieldStart("top");
    json.writeArrayFieldStart("tokens");
    for (int[] row : top.tokens()) {
      json.writeArray(row, 0, row.length);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("logits");
    for (float[] row : top.logits()) {
      json.writeStartArray();
      for (float logit : row) {
        if (logit == Float.NEGATIVE_INFINITY) {
          json.writeNull();
        } else {
          json.writeNumber(logit);
        }
      }
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeEndObject();
    writeNumbers(json, "tail", top.tail());
  }

  static void writeIntegers(JsonGenerator json, String field, int[] values) throws IOException {
    json.writeFieldName(field);
    json.writeArray(values, 0, values.length);
  }

  /** The tokens, or their number where no more is known. */
  private static void writeTokens(JsonGenerator json, String field, String count, int[] tokens)
      throws IOException {
    if (TraceSequence.known(tokens)) {
      writeIntegers(json, field, tokens);
    } else {
      json.writeNumberField(count, tokens.length);
    }
  }

  /** Nothing for null. */
  static void writeKnown(JsonGenerator json, String field, double[] values) throws IOException {
    if (values != null) {
      writeNumbers(json, field, values);
    }
  }

  static void writeNumbers(JsonGenerator json, String field, double[] values) throws IOException {
    json.writeFieldName(field);
    writeArray(json, values);
  }

  static void writeArray(JsonGenerator json, double[] values) throws IOException {
    json.writeStartArray();
    for (double value : values) {
      if (value == Double.NEGATIVE_INFINITY) { // ln 0
        json.writeNull();
      } else {
        json.writeNumber(value);
      }
    }
    json.writeEndArray();
  }
}
