package redraft.trace.importing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import redraft.json.LineSource;
import redraft.trace.DraftKind;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.trace.importing.TraceImporter.Drafting;
import redraft.trace.importing.TraceImporter.Models;
import redraft.trace.importing.TraceImporter.Schedule;
import redraft.trace.importing.TraceImporter.Settings;
import redraft.trace.importing.TraceImporter.StatedSampling;

/** Imports in tests of what programs measured of themselves. */
final class MeasuredImports {
  private static final Path FIXTURES = Path.of("src/test/resources/redraft/trace/importing");

  private MeasuredImports() {}

  /** What came of an import. */
  record Imported(List<String> notes, TraceHeader header, List<TraceSequence> sequences) {
    TraceHeader.DraftInfo draft() {
      return header.drafts().get(0);
    }

    TraceSequence.Draft of(int sequence) {
      return sequences.get(sequence).drafts().get(0);
    }
  }

  static Path fixture(String name) {
    return FIXTURES.resolve(name);
  }

  static Settings settings(DraftKind kind, String rule, Integer drafted, Schedule schedule) {
    return new Settings(
        "chat",
        new Models("big", "small", kind, rule),
        null,
        new StatedSampling(null, null, null),
        true,
        1,
        5,
        new Drafting(drafted, schedule));
  }

  static Settings settings() {
    return settings(DraftKind.PREFIX, null, null, Schedule.FIXED);
  }

  static Imported convert(String format, Settings settings, Path folder, Path... files)
      throws IOException {
    List<LineSource> sources = new ArrayList<>();
    for (Path file : files) {
      sources.add(LineSource.of(file));
    }
    Path trace = folder.resolve("trace.jsonl");
    List<String> notes =
        TraceImporters.named(format)
            .convert(new TraceImporter.Inputs(sources, null, Map.of()), settings, trace);
    try (TraceReader reader = new TraceReader(trace)) {
      List<TraceSequence> sequences = new ArrayList<>();
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        sequences.add(sequence);
      }
      return new Imported(notes, reader.header(), sequences);
    }
  }

  static Imported text(String format, Settings settings, Path folder, String text)
      throws IOException {
    return convert(format, settings, folder, Files.writeString(folder.resolve("m.txt"), text));
  }
}
