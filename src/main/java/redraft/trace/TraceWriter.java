package redraft.trace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Target;
import redraft.trace.TraceSequence.TopLogits;

/**
 * Writes a trace of version 1 as JSON Lines, compressed when the name ends in {@code .gz}. Every
 * sequence reaches the file before {@link #write} returns. A writer closed without {@link #finish}
 * leaves a trace without a footer, whose complete sequences can be read.
 */
public final class TraceWriter implements Closeable {
  // Shortest digits that give the number back, the same on every Java version.
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  private final FileChannel channel;
  private final Path file;
  private final OutputStream out;
  private final MessageDigest digest = sha256();
  private final TraceRules rules;
  private long sequences;
  private long positions;

  /**
   * @throws TraceFormatException if the header could not be read again
   */
  public TraceWriter(Path file, TraceHeader header) throws IOException {
    this.file = file;
    rules = new TraceRules(file.getFileName().toString(), header);
    channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try {
      OutputStream raw = Channels.newOutputStream(channel);
      out = file.toString().endsWith(".gz") ? new GZIPOutputStream(raw, 1 << 16, true) : raw;
      append(line(header));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Appends one sequence.
   *
   * @throws TraceFormatException if it could not be read again; nothing is written then
   */
  public void write(TraceSequence sequence) throws IOException {
    rules.check(sequence);
    append(line(sequence));
    sequences++;
    positions += sequence.length();
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
    String sha256 = HexFormat.of().formatHex(digest.digest());
    append(
        line(
            json -> {
              json.writeNumberField("sequences", sequences);
              json.writeNumberField("positions", positions);
              json.writeStringField("sha256", sha256);
            }));
  }

  /** Waits until what was written is on the disk. */
  public void force() throws IOException {
    channel.force(true);
  }

  private void append(byte[] line) throws IOException {
    digest.update(line);
    try {
      out.write(line);
      out.flush();
    } catch (IOException e) {
      FileSystemException named = new FileSystemException(file.toString(), null, e.getMessage());
      named.initCause(e);
      throw named;
    }
  }

  @Override
  public void close() throws IOException {
    try (channel) { // also when the compression cannot be ended
      out.close();
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  // ---- lines

  private interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  /** One object and a newline, UTF-8. */
  private static byte[] line(Body body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 12);
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      json.writeStartObject();
      body.write(json);
      json.writeEndObject();
      json.writeRaw('\n');
    }
    return bytes.toByteArray();
  }

  /** The line of a header, its newline included. */
  static byte[] line(TraceHeader header) throws IOException {
    return line(
        json -> {
          json.writeStringField("format", TraceHeader.FORMAT);
          json.writeNumberField("version", TraceHeader.VERSION);
          json.writeObjectFieldStart("tokenizer");
          json.writeStringField("sha256", header.tokenizer().sha256());
          json.writeNumberField("vocabularySize", header.tokenizer().vocabularySize());
          json.writeEndObject();
          json.writeFieldName("target");
          writeModel(json, header.target());
          json.writeArrayFieldStart("drafts");
          for (TraceHeader.ModelInfo draft : header.drafts()) {
            writeModel(json, draft);
          }
          json.writeEndArray();
          json.writeObjectFieldStart("sampling");
          json.writeNumberField("temperature", header.sampling().temperature());
          json.writeNumberField("topK", header.sampling().topK());
          json.writeNumberField("topP", header.sampling().topP());
          json.writeNumberField("seed", header.sampling().seed());
          json.writeEndObject();
          json.writeStringField("logits", header.logits().word());
        });
  }

  /** The line of a sequence, its newline included: equal lines are equal sequences. */
  public static byte[] line(TraceSequence sequence) throws IOException {
    return line(
        json -> {
          json.writeStringField("id", sequence.id());
          json.writeNumberField("sample", sequence.sample());
          json.writeStringField("domain", sequence.domain());
          json.writeStringField("prompt", sequence.prompt());
          writeIntegers(json, "promptTokens", sequence.promptTokens());
          writeIntegers(json, "tokens", sequence.tokens());
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

  private static void writeModel(JsonGenerator json, TraceHeader.ModelInfo model)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", model.name());
    json.writeStringField("sha256", model.sha256());
    json.writeNumberField("parameters", model.parameters());
    json.writeEndObject();
  }

  private static void writeTarget(JsonGenerator json, Target target) throws IOException {
    if (target.hasProbabilities()) {
      writeNumbers(json, "logprob", target.logprob());
      writeNumbers(json, "entropy", target.entropy());
      writeNumbers(json, "margin", target.margin());
      writeTop(json, target.top());
    }
  }

  private static void writeDraft(JsonGenerator json, Draft draft) throws IOException {
    if (draft.hasProbabilities()) {
      writeNumbers(json, "logprob", draft.logprob());
      writeIntegers(json, "rank", draft.rank());
      writeNumbers(json, "overlap", draft.overlap());
      writeTop(json, draft.top());
    } else {
      writeIntegers(json, "acceptLength", draft.acceptLength());
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

  private static void writeNumbers(JsonGenerator json, String field, double[] values)
      throws IOException {
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
}
