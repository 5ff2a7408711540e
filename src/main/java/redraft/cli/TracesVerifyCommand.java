package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.json.LineSource;
import redraft.trace.archive.ArchiveIndex;
import redraft.trace.archive.InOrder;
import redraft.trace.archive.IndexEntry;
import redraft.trace.archive.NamedTrace;

@Command(
    name = "verify",
    description = {
      "Reads every trace wholly and checks all that the format says of it, down to the digest in its footer; a line a file, "
          + "and exit code 1 if one of them is bad.",
      "",
      "Bad is what breaks the format, what was cut, and, where the folder has an index, what has another digest, is missing, or "
          + "is not in it. A trace that was cut before the index was made, and has its digest, is fine."
    },
    footer = {
      "",
      "Examples:",
      "  redraft traces verify out/archive",
      "  redraft traces verify traces/tiny-t0.jsonl.gz traces/tiny-t1.jsonl.gz"
    })
final class TracesVerifyCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "TRACE|DIR",
      arity = "1..*",
      description = "Traces, or folders with all traces in them.")
  private List<String> traces;

  @Option(
      names = "--index",
      paramLabel = "FILE",
      description =
          "Index of the one folder that is named (default: "
              + ArchiveIndex.FILE
              + " in each, where there is one).")
  private Path index;

  @Mixin private ThreadOptions threads;

  @Spec private CommandSpec spec;

  private int bad;
  private long read; // bytes

  /**
   * @param called as messages call it
   * @param indexed whether there is an index
   * @param sha256 that the index says; null where it does not
   */
  private record Check(NamedTrace trace, String called, boolean indexed, String sha256) {}

  @Override
  public Integer call() throws IOException {
    List<Check> checks = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    if (index != null && (traces.size() != 1 || !Files.isDirectory(Path.of(traces.get(0))))) {
      throw new IllegalArgumentException("--index " + index + " is of one folder; name that alone");
    }
    for (String argument : traces) {
      add(argument, checks, missing);
    }
    PrintWriter out = spec.commandLine().getOut();
    List<NamedTrace> all = checks.stream().map(Check::trace).toList();
    try (Progress progress = ArchiveFiles.progress("verify", all)) {
      InOrder.each(
          checks,
          threads.threads(),
          check -> CheckedTrace.of(check.trace, check.called),
          (check, checked) -> {
            String problem =
                checked.problem() == null ? problem(check, checked.entry()) : checked.problem();
            out.println(
                problem == null ? "fine  " + words(check, checked.entry()) : "bad   " + problem);
            out.flush();
            bad += problem == null ? 0 : 1;
            read += Files.isRegularFile(check.trace.file()) ? Files.size(check.trace.file()) : 0;
            progress.stepTo(read);
          });
    }
    missing.forEach(file -> out.println("bad   " + file + " is in the index, and not there"));
    bad += missing.size();
    int count = checks.size() + missing.size();
    String words = count == 1 ? " trace" : " traces";
    if (bad == 0) {
      out.println(count + words + ", 0 bad");
    } else {
      spec.commandLine().getErr().println(Message.line(bad + " of " + count + words + " bad"));
    }
    out.flush();
    return bad == 0 ? 0 : 1;
  }

  private void add(String argument, List<Check> checks, List<String> missing) throws IOException {
    if (argument.equals(LineSource.STANDARD_INPUT)) {
      throw new IllegalArgumentException(
          "standard input is no file whose digest stays; redraft inspect - checks it");
    }
    LineSource.of(argument, null); // or refuse an address
    List<NamedTrace> folder = ArchiveFiles.ofFolder(argument);
    if (folder == null) {
      checks.add(new Check(new NamedTrace(argument, Path.of(argument)), argument, false, null));
      return;
    }
    Path file = index == null ? Path.of(argument, ArchiveIndex.FILE) : index;
    boolean indexed = index != null || Files.isRegularFile(file);
    Map<String, String> digests = indexed ? new HashMap<>(ArchiveIndex.digests(file)) : Map.of();
    for (NamedTrace trace : folder) {
      checks.add(
          new Check(
              trace,
              ArchiveFiles.called(argument, trace),
              indexed,
              indexed ? digests.remove(trace.name()) : null));
    }
    digests.keySet().stream()
        .sorted()
        .forEach(name -> missing.add(ArchiveFiles.called(argument, new NamedTrace(name, null))));
  }

  /** What is wrong with a trace that could be read; null for nothing. */
  private static String problem(Check check, IndexEntry entry) {
    if (check.indexed && check.sha256 == null) {
      return check.called + " is not in the index; make that again with traces index --force";
    }
    if (check.indexed && !check.sha256.equals(entry.bytes().sha256())) {
      return check.called
          + " has SHA-256 "
          + entry.bytes().sha256()
          + ", not "
          + check.sha256
          + " as in the index: it was changed since";
    }
    return check.indexed || entry.holds().complete()
        ? null
        : check.called
            + " was cut: no footer, "
            + entry.holds().sequences()
            + " complete sequences; copy it again, or continue it with record --resume";
  }

  private static String words(Check check, IndexEntry entry) {
    return check.called
        + ": "
        + entry.holds().sequences()
        + " sequences, "
        + entry.holds().positions()
        + " positions"
        + (entry.holds().complete() ? "" : ", cut as it was when the index was made");
  }
}
