package redraft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import redraft.json.ResultFiles;
import redraft.recording.Recording;

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
    if (Files.exists(trace) && !force && !resume) {
      throw new IllegalArgumentException(
          trace
              + " exists already; continue it with --resume if it was cut, overwrite it with --force, or name another"
              + " file");
    }
  }

  Recording.Result write(Recording recording, Path trace) throws IOException {
    ResultFiles.makeFolder(trace);
    if (resume) {
      return recording.resume(trace);
    }
    return force ? recording.write(trace) : recording.writeNew(trace);
  }
}
