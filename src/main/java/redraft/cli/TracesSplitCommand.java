package redraft.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.json.FileClaim;
import redraft.json.LineSource;
import redraft.json.ResultFiles;
import redraft.trace.archive.NamedTrace;
import redraft.trace.archive.Shards;
import redraft.trace.archive.TraceSplit;

@Command(
    name = "split",
    description =
        "Splits a trace into shards, NAME-00001.jsonl.gz and so on, each of which is a whole trace. Sequences stay as they "
            + "are, to the byte, and the samples of a prompt together. All shards are written, or none.",
    footer = {
      "",
      "Example:",
      "  redraft traces split traces/tiny-t1.jsonl.gz --out out/archive --positions 5000"
    })
final class TracesSplitCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "TRACE",
      description = "Trace, plain or compressed by gzip or zstd; - is standard input.")
  private String trace;

  @Written(files = "*.jsonl.gz")
  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Folder to write the shards into.")
  private Path out;

  @Option(
      names = "--positions",
      paramLabel = "N",
      defaultValue = "" + Shards.POSITIONS,
      description =
          "Positions of a shard: it ends with the prompt that brings it to so many (default: ${DEFAULT-VALUE}).")
  private long positions;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What the shards are called (default: the trace's name without its extension).")
  private String name;

  @Option(names = "--force", description = "Replace shards of that name in the folder.")
  private boolean force;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (positions < 1) {
      throw new IllegalArgumentException("--positions " + positions + " must be at least 1");
    }
    LineSource source = LineSource.of(trace, System.in);
    NamedTrace file = new NamedTrace(source.name(), Path.of(trace));
    Shards shards =
        name != null
            ? new Shards(out, name)
            : trace.equals(LineSource.STANDARD_INPUT)
                ? new Shards(out, "trace")
                : Shards.like(out, source.name());
    refuseExisting(shards);
    ResultFiles.makeFolder(out);
    FileClaim claim = FileClaim.take(out);
    TraceSplit.Result result;
    try (claim) {
      refuseExisting(shards);
      try (Progress progress = ArchiveFiles.progress("split", List.of(file))) {
        result = new TraceSplit(shards, positions, progress::stepTo).write(source);
      }
    }
    if (!result.complete()) {
      spec.commandLine()
          .getErr()
          .println(
              Message.line(
                  trace
                      + " was cut while it was recorded: the shards hold its "
                      + result.sequences()
                      + " complete sequences"));
    }
    spec.commandLine()
        .getOut()
        .println(
            result.sequences()
                + " sequences, "
                + result.positions()
                + " positions: "
                + result.shards()
                + " shards in "
                + out);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private void refuseExisting(Shards shards) throws IOException {
    if (!force && shards.any()) {
      throw new IllegalArgumentException(
          out
              + " has shards of "
              + shards.name()
              + " already; name another folder, or replace them with --force");
    }
  }
}
