package redraft.study;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import redraft.json.LineSource;
import redraft.replay.SequenceSource;
import redraft.replay.TraceSource;
import redraft.study.Storage.ArchiveFile;
import redraft.synthetic.AcceptancePresets;
import redraft.synthetic.PresetSource;
import redraft.synthetic.TypedAcceptance;
import redraft.trace.ReservedNames;
import redraft.trace.TraceReader;

/** Opens what can stand where a trace is named. */
public final class Sources {
  private Sources() {}

  /**
   * What traces are called in results: the names of their files, and where files of several folders
   * have the same name, as many of their folders as tell them apart.
   *
   * @param traces as for {@link #open}
   */
  public static Map<String, String> names(List<String> traces) {
    Map<String, Path> paths = new LinkedHashMap<>();
    for (String trace : traces) {
      if (!trace.startsWith(ReservedNames.PRESET) && !trace.equals(LineSource.STANDARD_INPUT)) {
        paths.put(trace, Path.of(trace).toAbsolutePath().normalize());
      }
    }
    Map<String, String> names = new HashMap<>();
    paths.forEach((trace, path) -> names.put(trace, distinct(path, paths.values())));
    return names;
  }

  private static String distinct(Path path, Collection<Path> all) {
    for (int length = 1; length <= path.getNameCount(); length++) {
      Path end = path.subpath(path.getNameCount() - length, path.getNameCount());
      if (all.stream().allMatch(other -> other.equals(path) || !other.endsWith(end))) {
        return end.toString().replace(File.separatorChar, '/');
      }
    }
    return path.toString();
  }

  /**
   * Where traces are.
   *
   * @param names of the files among them, from {@link Sources#names}
   * @param skipBroken whether files of an archive that break the format are left out
   */
  public record Places(
      Map<String, String> names, InputStream standardInput, Storage storage, boolean skipBroken) {}

  /**
   * @param trace a file, an archive, {@code -} for standard input, or {@code preset:} with the name
   *     or file of an acceptance preset
   * @param selection of its sequences
   */
  public static SequenceSource open(
      String trace, Places places, UnaryOperator<SequenceSource> selection) throws IOException {
    if (trace.startsWith(ReservedNames.PRESET)) {
      return selection.apply(
          new PresetSource(AcceptancePresets.load(trace.substring(ReservedNames.PRESET.length()))));
    }
    if (!trace.equals(LineSource.STANDARD_INPUT)) {
      List<ArchiveFile> files = places.storage.files(trace);
      if (files != null) {
        String name = places.names.getOrDefault(trace, trace);
        return new Archive(name, files, places.storage, selection, places.skipBroken);
      }
    }
    LineSource lines = LineSource.of(trace, places.standardInput);
    lines = lines.called(places.names.getOrDefault(trace, lines.name()));
    return selection.apply(new TraceSource(lines.name(), new TraceReader(lines)));
  }

  /**
   * @param acceptance in the place of a trace
   * @param domain as for a trace
   */
  public static SequenceSource of(TypedAcceptance acceptance, String domain) {
    return ofDomain(acceptance.source(), domain);
  }

  /**
   * @param domain whose sequences alone are wanted; null for all
   */
  public static SequenceSource ofDomain(SequenceSource source, String domain) {
    return domain == null ? source : new DomainSource(source, domain);
  }
}
