package redraft.trace.archive;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import redraft.json.LineException;
import redraft.json.LineSource;
import redraft.trace.SeenIds;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Label;
import redraft.trace.TraceWriter;

/**
 * One trace of several of the same models and settings: the header of the first, then the sequences
 * of each as they stand in their files, to the byte.
 *
 * @param prefixed whether the name of its trace and a slash stand before each prompt's id
 * @param progress told from time to time how many bytes of the traces have been read
 */
public record TraceMerge(List<NamedTrace> traces, boolean prefixed, LongConsumer progress) {
  private static final JsonFactory FACTORY = new JsonFactory();

  /**
   * What was written.
   *
   * @param notes what a reader should know of the traces, a line each
   */
  public record Result(long sequences, long positions, List<String> notes) {}

  /**
   * Writes the trace.
   *
   * @throws LineException if one of the traces breaks the format, is of other models or settings
   *     than the first, or has a prompt that another has
   */
  public Result write(Path out) throws IOException {
    List<String> notes = new ArrayList<>(requireOneRecording());
    try (TraceReader first = open(traces.get(0));
        TraceWriter writer = new TraceWriter(out, first.header(), first.headerLine())) {
      SeenIds before = new SeenIds();
      Boolean probabilities = null; // whether the sequences have any
      long bytes = 0; // of the traces before
      for (NamedTrace trace : traces) {
        try (TraceReader reader = open(trace)) {
          String previous = "";
          for (TraceSequence read; (read = reader.next()) != null; ) {
            TraceSequence sequence = prefixed ? prefixed(read, trace.name()) : read;
            if (!sequence.id().equals(previous) && !before.add(sequence.id())) {
              throw again(trace, reader, sequence.id());
            }
            previous = sequence.id();
            boolean has = sequence.target().hasProbabilities();
            if (probabilities != null && probabilities != has) {
              throw new LineException(
                  trace.name(),
                  reader.lineNumber(),
                  "has "
                      + (has ? "probabilities" : "accept lengths only")
                      + ", and the traces before do not; a trace has one or the other");
            }
            probabilities = has;
            writer.copy(sequence, prefixed ? prefixed(reader.line(), trace.name()) : reader.line());
            progress.accept(bytes + reader.bytesRead());
          }
          bytes += reader.bytesRead();
          if (!reader.complete()) {
            notes.add(
                trace.name()
                    + " was cut while it was recorded: merged are its "
                    + reader.sequences()
                    + " complete sequences");
          }
        }
      }
      writer.finish();
      writer.force();
      return new Result(writer.sequences(), writer.positions(), notes);
    }
  }

  private static TraceReader open(NamedTrace trace) throws IOException {
    return new TraceReader(LineSource.of(trace.file()).called(trace.name()));
  }

  /** Compares the headers before anything is written; returns what may differ and does. */
  private List<String> requireOneRecording() throws IOException {
    List<String> notes = new ArrayList<>();
    NamedTrace first = traces.get(0);
    TraceHeader header = null;
    for (NamedTrace trace : traces) {
      try (TraceReader reader = open(trace)) {
        header = header == null ? reader.header() : header;
        List<String> differences = reader.header().differencesOfRecording(header);
        if (reader.header().sampling().seed() != header.sampling().seed()) {
          notes.add(
              trace.name()
                  + " was recorded with seed "
                  + reader.header().sampling().seed()
                  + "; the merged header has that of "
                  + first.name()
                  + ", "
                  + header.sampling().seed());
        }
        if (!differences.isEmpty()) {
          throw new LineException(
              trace.name(),
              1,
              "traces of the same models and settings are merged, and the header says otherwise than that of "
                  + first.name()
                  + ": "
                  + String.join(", ", differences));
        }
      }
    }
    return notes;
  }

  private LineException again(NamedTrace trace, TraceReader reader, String id) {
    return new LineException(
        trace.name(),
        reader.lineNumber(),
        "\"id\" is \""
            + id
            + "\", which a trace before has too; "
            + (prefixed
                ? "name each trace once"
                : "where these are different prompts, --prefix-ids tells them apart by the names of their traces"));
  }

  private static TraceSequence prefixed(TraceSequence sequence, String name) {
    return new TraceSequence(
        new Label(name + "/" + sequence.id(), sequence.sample(), sequence.domain()),
        sequence.prefix(),
        sequence.path(),
        sequence.target(),
        sequence.drafts());
  }

  /** The same in a line, of which everything else stays as it is. */
  private static byte[] prefixed(byte[] line, String name) throws IOException {
    int id = 1 + (int) idAt(line); // after its quote
    ByteArrayOutputStream prefixed = new ByteArrayOutputStream(line.length + name.length() + 1);
    prefixed.write(line, 0, id);
    String escaped = new String(JsonStringEncoder.getInstance().quoteAsString(name + "/"));
    prefixed.writeBytes(escaped.getBytes(StandardCharsets.UTF_8));
    prefixed.write(line, id, line.length - id);
    return prefixed.toByteArray();
  }

  private static long idAt(byte[] line) throws IOException {
    try (JsonParser json = FACTORY.createParser(line)) {
      json.nextToken();
      while (!"id".equals(json.nextFieldName())) {
        json.nextToken();
        json.skipChildren();
      }
      if (json.nextToken() != JsonToken.VALUE_STRING) {
        throw new IllegalStateException("the line was read, and its id is no text now");
      }
      return json.currentTokenLocation().getByteOffset();
    }
  }
}
