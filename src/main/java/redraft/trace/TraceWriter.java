package redraft.trace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/**
 * Writes a trace of version 1 as JSON Lines, compressed when the name ends in {@code .gz}. Every
 * sequence reaches the file before {@link #write} returns. A writer closed without {@link #finish}
 * leaves a trace without a footer, whose complete sequences can be read.
 */
public final class TraceWriter implements Closeable {
  private final Sha256OutputStream digested;
  private final OutputStream out;
  private final JsonGenerator json;
  private long sequences;
  private long positions;

  public TraceWriter(Path file, TraceHeader header) throws IOException {
    OutputStream raw = new BufferedOutputStream(Files.newOutputStream(file));
    out = file.toString().endsWith(".gz") ? new GZIPOutputStream(raw, 1 << 13, true) : raw;
    digested = new Sha256OutputStream(out);
    json = new JsonFactory().createGenerator(digested);
    json.setRootValueSeparator(null);
    writeHeader(header);
    endLine();
  }

  private void writeHeader(TraceHeader header) throws IOException {
    json.writeStartObject();
    json.writeStringField("format", TraceHeader.FORMAT);
    json.writeNumberField("version", TraceHeader.VERSION);
    json.writeObjectFieldStart("tokenizer");
    json.writeStringField("sha256", header.tokenizer().sha256());
    json.writeNumberField("vocabularySize", header.tokenizer().vocabularySize());
    json.writeEndObject();
    json.writeFieldName("target");
    writeModel(header.target());
    json.writeArrayFieldStart("drafts");
    for (TraceHeader.ModelInfo draft : header.drafts()) {
      writeModel(draft);
    }
    json.writeEndArray();
    json.writeObjectFieldStart("sampling");
    json.writeNumberField("temperature", header.sampling().temperature());
    json.writeNumberField("topK", header.sampling().topK());
    json.writeNumberField("topP", header.sampling().topP());
    json.writeNumberField("seed", header.sampling().seed());
    json.writeEndObject();
    json.writeStringField("logits", header.logits().word());
    json.writeEndObject();
  }

  private void writeModel(TraceHeader.ModelInfo model) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", model.name());
    json.writeStringField("sha256", model.sha256());
    json.writeNumberField("parameters", model.parameters());
    json.writeEndObject();
  }

  /** Appends one sequence. */
  public void write(TraceSequence sequence) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", sequence.id());
    json.writeNumberField("sample", sequence.sample());
    json.writeStringField("domain", sequence.domain());
    json.writeStringField("prompt", sequence.prompt());
    writeInts("promptTokens", sequence.promptTokens());
    writeInts("tokens", sequence.tokens());
    json.writeStringField("finish", sequence.finish().name().toLowerCase(Locale.ROOT));
    json.writeObjectFieldStart("target");
    writeDoubles("logprob", sequence.target().logprob());
    writeDoubles("entropy", sequence.target().entropy());
    writeDoubles("margin", sequence.target().margin());
    writeTop(sequence.target().top());
    json.writeEndObject();
    json.writeArrayFieldStart("drafts");
    for (TraceSequence.Draft draft : sequence.drafts()) {
      json.writeStartObject();
      writeDoubles("logprob", draft.logprob());
      writeInts("rank", draft.rank());
      writeDoubles("overlap", draft.overlap());
      writeTop(draft.top());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
    endLine();
    sequences++;
    positions += sequence.length();
  }

  private void writeInts(String field, int[] values) throws IOException {
    json.writeFieldName(field);
    json.writeArray(values, 0, values.length);
  }

  private void writeDoubles(String field, double[] values) throws IOException {
    json.writeArrayFieldStart(field);
    for (double value : values) {
      if (value == Double.NEGATIVE_INFINITY) { // ln 0
        json.writeNull();
      } else {
        json.writeNumber(value);
      }
    }
    json.writeEndArray();
  }

  private void writeTop(TraceSequence.TopLogits top) throws IOException {
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
        json.writeNumber(logit);
      }
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeEndObject();
    writeDoubles("tail", top.tail());
  }

  /** Sequences written so far. */
  public long sequences() {
    return sequences;
  }

  /** Positions written so far. */
  public long positions() {
    return positions;
  }

  /** Writes the footer: the trace is complete. */
  public void finish() throws IOException {
    json.flush();
    String sha256 = digested.hex();
    json.writeStartObject();
    json.writeNumberField("sequences", sequences);
    json.writeNumberField("positions", positions);
    json.writeStringField("sha256", sha256);
    json.writeEndObject();
    endLine();
  }

  private void endLine() throws IOException {
    json.writeRaw('\n');
    json.flush();
    out.flush();
  }

  @Override
  public void close() throws IOException {
    json.close();
  }
}
