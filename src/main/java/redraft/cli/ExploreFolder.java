package redraft.cli;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import redraft.json.LineException;
import redraft.latency.LatencyModels;
import redraft.study.Archive;
import redraft.trace.TraceHeader;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceReader;

/**
 * The traces and latency models of a folder and its folders, by their names from there.
 *
 * @param latencies files that say what passes cost
 * @param notes what a reader should know, a line each
 */
record ExploreFolder(
    Path folder, Map<String, Trace> traces, Map<String, Path> latencies, List<String> notes) {
  private static final int DEEPEST = 8; // folders in folders
  private static final int MOST_FILES = 1000;

  /** A trace, or a folder of one recording, as the header has it. */
  record Trace(Path file, long bytes, TraceHeader header) {
    /** What the page shows of it. */
    Map<String, Object> json() {
      return Map.of(
          "bytes",
          bytes,
          "target",
          header.target().name(),
          "drafts",
          header.drafts().stream().map(DraftInfo::name).toList(),
          "temperature",
          header.sampling().temperature(),
          "grade",
          header.grade().word());
    }
  }

  /** Reads the headers; what is no trace is left out. */
  static ExploreFolder of(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new NoSuchFileException(folder.toString(), null, "no folder");
    }
    List<Path> files = files(folder);
    List<String> notes = new ArrayList<>();
    if (files.size() > MOST_FILES) {
      notes.add(
          "the first "
              + MOST_FILES
              + " of "
              + files.size()
              + " files of "
              + folder
              + " are looked at; name a folder of fewer");
    }
    Map<String, Trace> traces = new TreeMap<>();
    Map<String, Path> latencies = new TreeMap<>();
    for (Path file : files.subList(0, Math.min(MOST_FILES, files.size()))) {
      String name = folder.relativize(file).toString().replace('\\', '/');
      try {
        if (Archive.isTrace(name)) {
          try (TraceReader reader = new TraceReader(file)) {
            traces.put(name, new Trace(file.toAbsolutePath(), Files.size(file), reader.header()));
          }
        } else {
          LatencyModels.load(file.toString());
          latencies.put(name, file.toAbsolutePath());
        }
      } catch (IOException | LineException | IllegalArgumentException e) {
        // prompts, results and other files are no traces and no costs
      }
    }
    takeTogether(traces);
    if (traces.isEmpty()) {
      notes.add("no trace in " + folder + "; redraft record and redraft import write some");
    }
    return new ExploreFolder(folder, traces, latencies, notes);
  }

  /** Makes one trace of the traces of a folder within, where they are of one recording. */
  private static void takeTogether(Map<String, Trace> traces) {
    Map<String, List<String>> folders = new TreeMap<>();
    for (String name : traces.keySet()) {
      int end = name.lastIndexOf('/');
      if (end > 0) {
        folders.computeIfAbsent(name.substring(0, end), key -> new ArrayList<>()).add(name);
      }
    }
    folders.forEach(
        (folder, names) -> {
          Trace first = traces.get(names.get(0));
          boolean one =
              names.stream()
                  .map(traces::get)
                  .allMatch(each -> each.header.differencesOfRecording(first.header).isEmpty());
          boolean whole =
              traces.keySet().stream().filter(name -> name.startsWith(folder + "/")).count()
                  == names.size();
          if (names.size() > 1 && one && whole) {
            long bytes = names.stream().map(traces::get).mapToLong(Trace::bytes).sum();
            traces.keySet().removeAll(names);
            traces.put(folder, new Trace(first.file.getParent(), bytes, first.header));
          }
        });
  }

  /** In the order of their names; folders that cannot be read are passed over. */
  private static List<Path> files(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        folder,
        Set.of(),
        DEEPEST,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = file.getFileName().toString();
            if (Files.isRegularFile(file) && (Archive.isTrace(name) || name.endsWith(".json"))) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE;
          }
        });
    Collections.sort(files);
    return files;
  }
}
