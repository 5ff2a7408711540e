package redraft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.json.ResultFiles;
import redraft.json.WholeFile;
import redraft.report.ArchiveSummaries;
import redraft.report.RowFiles;
import redraft.trace.archive.ArchiveIndex;
import redraft.trace.archive.InOrder;
import redraft.trace.archive.IndexEntry;
import redraft.trace.archive.NamedTrace;

@Command(
    name = "index",
    description = {
      "Reads every trace of a folder and writes what each holds, with its digest: path, sequences, positions, domains, "
          + "drafts, grade, bytes, sha256, and whether it is complete.",
      "",
      "Traces that break the format are named and left out; exit code 1 then."
    },
    footer = {
      "",
      "Examples:",
      "  redraft traces index out/archive",
      "  redraft traces index out/archive --out out/archive.csv"
    })
final class TracesIndexCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "Folder of traces, with those of its folders.")
  private String folder;

  @Written
  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "Index to write: JSON Lines, or CSV where the name ends in .csv (default: DIR/"
              + ArchiveIndex.FILE
              + ").")
  private Path out;

  @Mixin private ThreadOptions threads;

  @Option(names = "--force", description = "Overwrite an existing index.")
  private boolean force;

  @Spec private CommandSpec spec;

  private final List<String> bad = new ArrayList<>();
  private long read; // bytes
  private long files;
  private long sequences;
  private long positions;

  @Override
  public Integer call() throws IOException {
    List<NamedTrace> traces = ArchiveFiles.ofFolder(folder);
    if (traces == null) {
      throw new IllegalArgumentException(
          folder + " is no folder of traces; an index is of the files of one");
    }
    Path file = out == null ? Path.of(folder, ArchiveIndex.FILE) : out;
    ArchiveFiles.refuseWithin(folder, "--out", file);
    WholeFile.write(
        file,
        force,
        written -> {
          if (ResultFiles.name(file).toLowerCase(Locale.ROOT).endsWith(".csv")) {
            List<IndexEntry> entries = new ArrayList<>();
            read(traces, entries::add);
            RowFiles.writeCsv(written, ArchiveSummaries.INDEX, entries);
          } else {
            try (ArchiveIndex index = new ArchiveIndex(written)) {
              read(traces, index::write);
            }
          }
        });
    bad.forEach(problem -> spec.commandLine().getErr().println(Message.line(problem)));
    spec.commandLine()
        .getOut()
        .println(
            files
                + " traces, "
                + sequences
                + " sequences, "
                + positions
                + " positions: "
                + file
                + (bad.isEmpty() ? "" : ", without " + bad.size() + " that are broken"));
    spec.commandLine().getOut().flush();
    return bad.isEmpty() ? 0 : 1;
  }

  /** What is told of each entry. */
  private interface Entries {
    void add(IndexEntry entry) throws IOException;
  }

  private void read(List<NamedTrace> traces, Entries entries) throws IOException {
    try (Progress progress = ArchiveFiles.progress("index", traces)) {
      InOrder.each(
          traces,
          threads.threads(),
          trace -> CheckedTrace.of(trace, ArchiveFiles.called(folder, trace)),
          (trace, checked) -> {
            read += Files.size(trace.file());
            progress.stepTo(read);
            if (checked.problem() != null) {
              bad.add(checked.problem());
              return;
            }
            entries.add(checked.entry());
            files++;
            sequences += checked.entry().holds().sequences();
            positions += checked.entry().holds().positions();
          });
    }
  }
}
