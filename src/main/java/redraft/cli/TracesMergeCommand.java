package redraft.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.json.WholeFile;
import redraft.study.Sources;
import redraft.trace.archive.NamedTrace;
import redraft.trace.archive.TraceMerge;

@Command(
    name = "merge",
    description = {
      "Makes one trace of several of the same models and settings. Sequences stay as they are, to the byte.",
      "",
      "Headers may differ in their seed only. A prompt's id may be in one of the traces only."
    },
    footer = {
      "",
      "Examples:",
      "  redraft traces merge out/monday.jsonl.gz out/tuesday.jsonl.gz --out out/week.jsonl.gz",
      "  redraft traces merge out/archive --out out/whole.jsonl.gz"
    })
final class TracesMergeCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "TRACE|DIR",
      arity = "1..*",
      description =
          "Traces, or folders of them, whose traces are taken in the order of their names.")
  private List<String> traces;

  @Written
  @Option(
      names = "--out",
      paramLabel = "TRACE",
      required = true,
      description = "Trace to write, .jsonl or .jsonl.gz.")
  private Path out;

  @Option(
      names = "--prefix-ids",
      description =
          "Put the name of its trace before each prompt's id, as in monday.jsonl.gz/chat-1, where traces have prompts of "
              + "the same id.")
  private boolean prefixIds;

  @Option(names = "--force", description = "Overwrite an existing trace.")
  private boolean force;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    for (String trace : traces) {
      ArchiveFiles.refuseWithin(trace, "--out", out);
    }
    List<NamedTrace> named = ArchiveFiles.all(traces);
    Map<String, String> names = Sources.names(named.stream().map(NamedTrace::name).toList());
    List<NamedTrace> called = new ArrayList<>();
    named.forEach(trace -> called.add(new NamedTrace(names.get(trace.name()), trace.file())));
    TraceMerge.Result[] result = new TraceMerge.Result[1];
    WholeFile.write(
        out,
        force,
        file -> {
          try (Progress progress = ArchiveFiles.progress("merge", named)) {
            result[0] = new TraceMerge(called, prefixIds, progress::stepTo).write(file);
          }
        });
    result[0].notes().forEach(note -> spec.commandLine().getErr().println(Message.line(note)));
    spec.commandLine()
        .getOut()
        .println(
            result[0].sequences()
                + " sequences, "
                + result[0].positions()
                + " positions of "
                + named.size()
                + " traces: "
                + out);
    spec.commandLine().getOut().flush();
    return 0;
  }
}
