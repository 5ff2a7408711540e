package redraft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import redraft.json.ResultFiles;
import redraft.recording.Recording;
import redraft.recording.RecordingPlace;
import redraft.trace.archive.Shards;

/** What to do with a trace that exists already. */
final class ExistingOptions {
  @Option(
      names = "--resume",
      description =
          "Continue a recording that was cut: keep its complete sequences, record the others.")
  private boolean resume;

  @Option(names = "--force", description = "Overwrite an existing trace.")
  private boolean force;

  /** Refuses a trace that exists where nothing was said of it. */
  void check(Path trace) {
    if (Files.isDirectory(trace)) {
      throw new IllegalArgumentException(
          "--out " + trace + " is a folder; name a file in it, or record --shards into it");
    }
    if (Files.exists(trace) && !force && !resume) {
      throw new IllegalArgumentException(
          trace
              + " exists already; continue it with --resume if it was cut, overwrite it with --force, or name another"
              + " file");
    }
  }

  /** The same of shards. */
  void check(Shards shards) throws IOException {
    if (Files.exists(shards.folder()) && !Files.isDirectory(shards.folder())) {
      throw new IllegalArgumentException(
          "--out " + shards.folder() + " is a file; name a folder for --shards");
    }
    if (!force && !resume && shards.any()) {
      throw new IllegalArgumentException(
          shards.folder()
              + " has shards of "
              + shards.name()
              + " already; continue them with --resume if the recording was cut, overwrite them with --force, or name"
              + " another folder");
    }
  }

  Recording.Result write(Recording recording, RecordingPlace place) throws IOException {
    ResultFiles.makeFolder(place.path());
    if (resume) {
      return recording.resume(place);
    }
    return force ? recording.write(place) : recording.writeNew(place);
  }
}
