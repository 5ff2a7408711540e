package redraft.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.json.LineWriter;
import redraft.trace.TraceSequence.Coins;
import redraft.trace.TraceSequence.CommittedPath;
import redraft.trace.TraceSequence.Depths;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSequence.Label;
import redraft.trace.TraceSequence.Prefix;
import redraft.trace.TraceSequence.Target;
import redraft.trace.TraceSequence.TopLogits;

/** A sequence as it stands in a file. */
final class SequenceLine {
  /** What a draft has without probabilities, or with those of {@code byDepth} alone. */
  private static final String[] ALONE = {"byDepth", "acceptLength", "coins", "survival"};

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
        case "drafts" -> drafts = List.copyOf(lines.list(this::parseDraft));
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

  private Draft parseDraft() throws IOException {
    double[] logprob = null;
    int[] rank = null;
    double[] overlap = null;
    int[] acceptLength = null;
    TopLogits top = null;
    double[] tail = null;
    Depths depths = null;
    Coins coins = null;
    double[] survival = null;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "logprob" -> logprob = lines.numbers();
        case "rank" -> rank = lines.integers();
        case "overlap" -> overlap = lines.numbers();
        case "byDepth" -> depths = parseDepths();
        case "acceptLength" -> acceptLength = lines.integers();
        case "coins" -> coins = parseCoins();
        case "survival" -> survival = lines.numbers();
        case "top" -> top = parseTop();
        case "tail" -> tail = lines.numbers();
        default -> lines.skip();
      }
    }
    for (String alone : ALONE) {
      if (fields.hasAny(alone)) {
        fields.forbid(alone, "logprob", "rank", "overlap", "top", "tail");
        Arrays.stream(ALONE)
            .filter(other -> !other.equals(alone))
            .forEach(other -> fields.forbid(alone, other));
        return new Draft(null, null, null, null, depths, acceptLength, coins, survival);
      }
    }
    fields.require("logprob");
    return new Draft(logprob, rank, overlap, withTail(fields, top, tail));
  }

  private Depths parseDepths() throws IOException {
    double[][] logprob = null;
    int[][] rank = null;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "logprob" -> logprob = lines.list(lines::numbers).toArray(double[][]::new);
        case "rank" -> rank = lines.list(lines::integers).toArray(int[][]::new);
        default -> lines.skip();
      }
    }
    fields.require("logprob", "rank");
    return new Depths(logprob, rank);
  }

  private Coins parseCoins() throws IOException {
    int[] accepted = null;
    int[] drafted = null;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "accepted" -> accepted = lines.integers();
        case "drafted" -> drafted = lines.integers();
        default -> lines.skip();
      }
    }
    fields.require("accepted", "drafted");
    return new Coins(accepted, drafted);
  }

  /** "top" alone; its tail is not known yet. */
  private TopLogits parseTop() throws IOException {
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

  private static TopLogits withTail(Fields fields, TopLogits top, double[] tail) {
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
            writeDraft(json, draft);
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

  private static void writeDraft(JsonGenerator json, Draft draft) throws IOException {
    switch (draft.content()) {
      case PROBABILITIES -> {
        writeNumbers(json, "logprob", draft.logprob());
        if (draft.rank() != null) {
          writeIntegers(json, "rank", draft.rank());
        }
        writeKnown(json, "overlap", draft.overlap());
        writeTop(json, draft.top());
      }
      case DEPTHS -> {
        json.writeObjectFieldStart("byDepth");
        json.writeArrayFieldStart("logprob");
        for (double[] row : draft.depths().logprob()) {
          writeArray(json, row);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("rank");
        for (int[] row : draft.depths().rank()) {
          json.writeArray(row, 0, row.length);
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      case ACCEPT_LENGTHS -> writeIntegers(json, "acceptLength", draft.acceptLength());
      case COINS -> {
        json.writeObjectFieldStart("coins");
        writeIntegers(json, "accepted", draft.coins().accepted());
        writeIntegers(json, "drafted", draft.coins().drafted());
        json.writeEndObject();
      }
      case SURVIVAL -> writeNumbers(json, "survival", draft.survival());
    }
  }

  private static void writeTop(JsonGenerator json, TopLogits top) throws IOException {
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

  private static void writeIntegers(JsonGenerator json, String field, int[] values)
      throws IOException {
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
  private static void writeKnown(JsonGenerator json, String field, double[] values)
      throws IOException {
    if (values != null) {
      writeNumbers(json, field, values);
    }
  }

  private static void writeNumbers(JsonGenerator json, String field, double[] values)
      throws IOException {
    json.writeFieldName(field);
    writeArray(json, values);
  }

  private static void writeArray(JsonGenerator json, double[] values) throws IOException {
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
