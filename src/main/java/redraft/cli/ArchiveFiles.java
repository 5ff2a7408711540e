package redraft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redraft.json.LineSource;
import redraft.json.ResultFiles;
import redraft.study.Archive;
import redraft.study.LocalStorage;
import redraft.study.Storage.ArchiveFile;
import redraft.trace.archive.NamedTrace;

/** The traces that arguments name. */
final class ArchiveFiles {
  private ArchiveFiles() {}

  /**
   * The traces of a folder, named relative to it, in the order of their names; null where the
   * argument is no folder.
   *
   * @throws IllegalArgumentException if the folder holds none
   */
  static List<NamedTrace> ofFolder(String argument) throws IOException {
    List<ArchiveFile> files = new LocalStorage().files(argument);
    return files == null ? null : named(Archive.requireSome(argument, files));
  }

  /** Files of this machine, by their names in their archive. */
  static List<NamedTrace> named(List<ArchiveFile> files) {
    return files.stream().map(file -> new NamedTrace(file.name(), Path.of(file.path()))).toList();
  }

  /** Files, and the traces of folders, named as messages call them. */
  static List<NamedTrace> all(List<String> arguments) throws IOException {
    List<NamedTrace> all = new ArrayList<>();
    for (String argument : arguments) {
      if (argument.equals(LineSource.STANDARD_INPUT)) {
        throw new IllegalArgumentException(
            "standard input can be read only once, and these files are read twice; name a file");
      }
      LineSource.of(argument, null); // or refuse an address
      List<NamedTrace> folder = ofFolder(argument);
      if (folder == null) {
        all.add(new NamedTrace(argument, Path.of(argument)));
      } else {
        folder.forEach(file -> all.add(new NamedTrace(called(argument, file), file.file())));
      }
    }
    return all;
  }

  /** Progress by the bytes of traces, where all are files. */
  static Progress progress(String task, List<NamedTrace> traces) throws IOException {
    long bytes = 0;
    for (NamedTrace trace : traces) {
      if (!Files.isRegularFile(trace.file())) {
        return new Progress(task, -1, " MB", 1_000_000);
      }
      bytes += Files.size(trace.file());
    }
    return new Progress(task, bytes, " MB", 1_000_000);
  }

  /**
   * Refuses a file that would be taken for one of the traces of a folder from then on.
   *
   * @param option that names it
   */
  static void refuseWithin(String folder, String option, Path file) throws IOException {
    Path real = ResultFiles.real(Path.of(folder));
    if (Files.isDirectory(real)
        && ResultFiles.real(file).startsWith(real)
        && Archive.isTrace(ResultFiles.name(file))) {
      throw new IllegalArgumentException(
          option
              + " "
              + file
              + " would be taken for a trace of "
              + folder
              + ", in which it lies; name a file elsewhere");
    }
  }

  /** A trace of a folder as messages call it. */
  static String called(String folder, NamedTrace file) {
    return folder.replaceFirst("[/\\\\]+$", "") + "/" + file.name();
  }
}
