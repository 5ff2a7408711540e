package redraft.trace.importing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import redraft.json.LineReader;
import redraft.json.LineSource;
import redraft.trace.SeenIds;
import redraft.trace.TraceSequence.Label;
import redraft.trace.importing.TraceImporter.Settings;

/**
 * Files of JSON Lines that say of each request how its speculation went: step by step, of grade
 * coins, or, where a request keeps no more than a histogram, of grade histogram.
 */
final class RequestRecords {
  /**
   * A request.
   *
   * @param skipped why it is passed over; null otherwise, and then all else is there
   * @param prompt tokens; null where it is not said
   */
  record Request(String skipped, String id, Integer prompt, AcceptanceRecord record) {
    static Request skipped(String why) {
      return new Request(why, null, null, null);
    }
  }

  /** Reads the line at which the reader stands. */
  interface Parser {
    Request parse(LineReader lines) throws IOException;
  }

  private final List<LineSource> files;
  private final Parser parser;
  private final Settings settings;
  private final MeasuredTraces.Usual usual;
  private final String detail; // how to have steps kept one by one

  private long requests;
  private long skipped;
  private String why; // the first of those
  private boolean detailed = true;
  private int depth;
  private double[] histogram = new double[1];
  private double drafted;

  RequestRecords(
      List<LineSource> files,
      Parser parser,
      Settings settings,
      MeasuredTraces.Usual usual,
      String detail) {
    this.files = files;
    this.parser = parser;
    this.settings = settings;
    this.usual = usual;
    this.detail = detail;
  }

  List<String> convert(Path trace) throws IOException {
    SeenIds ids = new SeenIds();
    read(
        (request, lines) -> {
          if (request.skipped != null) {
            skipped++;
            why = why == null ? request.skipped : why;
            return;
          }
          requests++;
          if (!ids.add(request.id)) {
            throw lines.error("request \"" + request.id + "\" comes twice");
          }
          count(request.record);
        });
    if (requests == 0) {
      throw new IllegalArgumentException(
          files.get(0).name()
              + " says nothing of speculation"
              + (why == null ? "" : ": " + why)
              + "; "
              + detail);
    }
    List<String> notes = new ArrayList<>();
    if (skipped > 0) {
      notes.add(skipped + " of " + (requests + skipped) + " lines were passed over: " + why);
    }
    if (detailed) {
      notes.addAll(MeasuredTraces.coins(this::texts, settings, usual, trace));
      return notes;
    }
    notes.add("not every request keeps its steps one by one, so they are only counted; " + detail);
    notes.addAll(
        MeasuredTraces.histogram(
            SpeculationCounts.ofHistogram(histogram, Math.max(1, deepest()), drafted),
            settings,
            usual,
            trace));
    return notes;
  }

  /** The draft length: as it is said, or else as many as were ever accepted. */
  private int deepest() {
    return settings.drafting().length() != null
        ? Math.max(settings.drafting().length(), histogram.length - 1)
        : Math.max(depth, histogram.length - 1);
  }

  private void count(AcceptanceRecord record) {
    detailed &= record.coins() != null;
    depth = Math.max(depth, record.depth());
    drafted += record.drafted();
    histogram = Arrays.copyOf(histogram, Math.max(histogram.length, record.histogram().length));
    for (int j = 0; j < record.histogram().length; j++) {
      histogram[j] += record.histogram()[j];
    }
  }

  private void texts(MeasuredTraces.Reader reader) throws IOException {
    read(
        (request, lines) -> {
          if (request.skipped == null && request.record.coins().accepted().length > 0) {
            AcceptanceRecord record = request.record;
            long committed = 1 + record.coins().committed(); // the prefill's token, and the steps'
            reader.read(
                new MeasuredSteps(
                    new Label(request.id, 0, settings.domain()),
                    request.prompt == null ? settings.promptLength() : Math.max(1, request.prompt),
                    1,
                    record.completion() == null ? Math.toIntExact(committed) : record.completion(),
                    record.coins()));
          }
        });
  }

  /** A number of tokens, which AIPerf writes with a point. */
  static int tokens(LineReader lines) throws IOException {
    double tokens = lines.number();
    if (!(tokens >= 0 && tokens <= 1 << 30 && tokens == Math.rint(tokens))) {
      throw lines.wrongValue("not a number of tokens");
    }
    return (int) tokens;
  }

  /** A string, or a whole number as it is written. */
  static String label(LineReader lines) throws IOException {
    return lines.isText() ? lines.string() : Long.toString(lines.wholeNumber());
  }

  private interface Told {
    void tell(Request request, LineReader lines) throws IOException;
  }

  private void read(Told told) throws IOException {
    for (LineSource file : files) {
      try (LineReader lines = new LineReader(file)) {
        while (lines.advance()) {
          if (!lines.blank()) {
            told.tell(lines.parse(() -> parser.parse(lines)), lines);
          }
        }
      }
    }
  }
}
