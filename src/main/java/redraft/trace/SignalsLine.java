package redraft.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.trace.Signals.Rollouts;

/** How sure a draft was, as it stands in a sequence's line. */
final class SignalsLine {
  private SignalsLine() {}

  static Signals parse(LineReader lines) throws IOException {
    float[] largest = null;
    float[] entropy = null;
    float[] confidence = null;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "largest" -> largest = lines.singles();
        case "entropy" -> entropy = lines.singles();
        case "confidence" -> confidence = lines.singles();
        default -> lines.skip();
      }
    }
    fields.require("largest", "entropy", "confidence");
    return new Signals(largest, entropy, confidence, Map.of());
  }

  static Map<String, Rollouts> parseRollouts(LineReader lines) throws IOException {
    Map<String, Rollouts> rollouts = new LinkedHashMap<>();
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      rollouts.put(field, parseChains(lines));
    }
    return rollouts;
  }

  private static Rollouts parseChains(LineReader lines) throws IOException {
    int length = 0;
    double fraction = 0;
    int[][] tokens = null;
    float[][] largest = null;
    float[][] entropy = null;
    float[][] confidence = null;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "length" -> length = lines.integer();
        case "fraction" -> fraction = lines.number();
        case "tokens" -> tokens = lines.list(lines::integers).toArray(int[][]::new);
        case "largest" -> largest = rows(lines);
        case "entropy" -> entropy = rows(lines);
        case "confidence" -> confidence = rows(lines);
        default -> lines.skip();
      }
    }
    fields.require("length", "fraction", "tokens", "largest", "entropy", "confidence");
    return new Rollouts(length, fraction, tokens, largest, entropy, confidence);
  }

  private static float[][] rows(LineReader lines) throws IOException {
    return lines.list(lines::singles).toArray(float[][]::new);
  }

  /** Nothing for null. */
  static void write(JsonGenerator json, Signals signals) throws IOException {
    if (signals == null) {
      return;
    }
    json.writeObjectFieldStart("signals");
    write(json, "largest", signals.largest());
    write(json, "entropy", signals.entropy());
    write(json, "confidence", signals.confidence());
    json.writeEndObject();
    if (signals.rollouts().isEmpty()) {
      return;
    }
    json.writeObjectFieldStart("rollouts");
    for (Map.Entry<String, Rollouts> entry : signals.rollouts().entrySet()) {
      Rollouts rollouts = entry.getValue();
      json.writeObjectFieldStart(entry.getKey());
      json.writeNumberField("length", rollouts.length());
      json.writeNumberField("fraction", rollouts.fraction());
      json.writeArrayFieldStart("tokens");
      for (int[] row : rollouts.tokens()) {
        json.writeArray(row, 0, row.length);
      }
      json.writeEndArray();
      write(json, "largest", rollouts.largest());
      write(json, "entropy", rollouts.entropy());
      write(json, "confidence", rollouts.confidence());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String field, float[][] rows) throws IOException {
    json.writeArrayFieldStart(field);
    for (float[] row : rows) {
      write(json, row);
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, String field, float[] values) throws IOException {
    json.writeFieldName(field);
    write(json, values);
  }

  private static void write(JsonGenerator json, float[] values) throws IOException {
    json.writeStartArray();
    for (float value : values) {
      json.writeNumber(value);
    }
    json.writeEndArray();
  }
}
