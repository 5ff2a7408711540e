package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.json.LineException;
import redraft.json.LineSource;
import redraft.metrics.ReplayRow;
import redraft.model.ModelSession;
import redraft.model.onnx.ModelInspection;
import redraft.model.pair.PairManifest;
import redraft.replay.SequenceSource;
import redraft.replay.TraceSource;
import redraft.report.ArchiveSummaries;
import redraft.report.TraceSummaries;
import redraft.study.LocalStorage;
import redraft.study.Storage.ArchiveFile;
import redraft.study.TokensPerStep;
import redraft.trace.TraceReader;
import redraft.trace.TraceSummary;
import redraft.trace.archive.ArchiveSummary;
import redraft.trace.archive.InOrder;
import redraft.trace.archive.NamedTrace;

@Command(
    name = "inspect",
    description = {
      "Says what a trace, a folder of traces or a model directory holds, or what is wrong with it.",
      "",
      "Of a trace, the whole file is read and checked. Exit code 1 if it is no valid trace; one that was cut while it was recorded is "
          + "valid, as its complete sequences can be used.",
      "",
      "Of a folder without a pair.json, a row for each of its traces and one for all of them; those that break the format "
          + "are named, and the exit code is 1 then.",
      "",
      "Of models, what they take and give, and whether they run; it measures whether logits depend on how rows are "
          + "grouped into passes. Exit code 1 if one of them cannot be run."
    },
    footer = {
      "",
      "Examples:",
      "  redraft inspect traces/tiny-t1.jsonl.gz",
      "  zstdcat big.jsonl.zst | redraft inspect -",
      "  redraft inspect out/archive --csv out/archive.csv",
      "  redraft inspect models/tiny",
      "  redraft inspect onnx/decoder_model_merged.onnx"
    })
final class InspectCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "TRACE|DIR|MODEL",
      description =
          "Trace (JSON Lines, plain or compressed by gzip or zstd), - for standard input, folder of traces, model directory "
              + "(with a pair.json) or model (.onnx).")
  private String file;

  @Option(
      names = "--check-tokens",
      paramLabel = "N",
      defaultValue = "64",
      description =
          "Tokens that a model scores in each grouping of rows, 2 to 64 (default: ${DEFAULT-VALUE}).")
  private int checkTokens;

  @Mixin private ThreadOptions threads;

  private long read; // bytes of an archive

  @Mixin private ResultOptions output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    LineSource source = LineSource.of(file, System.in); // or refuse an address
    output.check();
    List<NamedTrace> archive = archive();
    if (archive != null) {
      return inspectArchive(archive, out);
    }
    if (file.endsWith(".onnx") || Files.isDirectory(Path.of(file))) {
      return inspectModels(out);
    }
    String name = file.equals(LineSource.STANDARD_INPUT) ? source.name() : file;
    TraceSummary.Counter counter = new TraceSummary.Counter();
    try (TraceReader reader = new TraceReader(source);
        SequenceSource sequences = new TraceSource(name, reader)) {
      List<ReplayRow> replayed = TokensPerStep.of(sequences, counter::add);
      TraceSummary summary = counter.summary(reader);
      output.writeCsv(ArchiveSummaries.FILES, List.of(new ArchiveSummary.Row(name, summary, null)));
      output.writeJson(TraceSummaries.object(name, summary, replayed));
      out.print(output.text() ? TraceSummaries.text(name, summary, replayed) : "");
    }
    out.flush();
    return 0;
  }

  /** The traces of the folder that is named; null where it is none of traces. */
  private List<NamedTrace> archive() throws IOException {
    Path folder = Path.of(file);
    boolean models = Files.exists(folder.resolve(PairManifest.FILE));
    List<ArchiveFile> files = models ? null : new LocalStorage().files(file);
    return files == null || files.isEmpty() ? null : ArchiveFiles.named(files);
  }

  private int inspectArchive(List<NamedTrace> traces, PrintWriter out) throws IOException {
    ArchiveSummary archive = new ArchiveSummary();
    try (Progress progress = ArchiveFiles.progress("inspect", traces)) {
      InOrder.each(
          traces,
          threads.threads(),
          this::row,
          (trace, row) -> {
            archive.add(row);
            read += Files.size(trace.file());
            progress.stepTo(read);
          });
    }
    output.writeCsv(ArchiveSummaries.FILES, archive.rows());
    output.writeJson(ArchiveSummaries.object(file, archive));
    if (output.text()) {
      Terminal.print(spec, ArchiveSummaries.table(archive));
    }
    out.flush();
    PrintWriter err = spec.commandLine().getErr();
    for (ArchiveSummary.Row row : archive.rows()) {
      if (row.problem() != null) {
        err.println(Message.line(row.problem()));
      }
    }
    long broken = archive.files("broken");
    if (broken > 0) {
      err.println(Message.line(broken + " of " + traces.size() + " traces are broken"));
    }
    return broken > 0 ? 1 : 0;
  }

  private ArchiveSummary.Row row(NamedTrace trace) {
    String called = ArchiveFiles.called(file, trace);
    try {
      LineSource source = LineSource.of(trace.file()).called(called);
      return new ArchiveSummary.Row(trace.name(), TraceSummary.of(source), null);
    } catch (IOException | LineException e) {
      return new ArchiveSummary.Row(trace.name(), null, CheckedTrace.problem(e, called));
    }
  }

  private int inspectModels(PrintWriter out) throws IOException {
    if (output.csv()) {
      throw new IllegalArgumentException("--csv is of traces; of models, use --json");
    }
    if (checkTokens < 2 || checkTokens > ModelSession.MAX_ROWS) {
      throw new IllegalArgumentException(
          "--check-tokens " + checkTokens + " must be from 2 to " + ModelSession.MAX_ROWS);
    }
    ModelInspection inspection = ModelInspection.of(Path.of(file), checkTokens);
    output.writeJson(inspection.fields());
    if (output.text()) {
      print(out, inspection.fields());
    }
    out.flush();
    return inspection.runs() ? 0 : 1;
  }

  /** A line for each value; lists of objects set off by blank lines. */
  private static void print(PrintWriter out, Map<?, ?> fields) {
    fields.forEach(
        (title, value) -> {
          for (Object item : value instanceof List<?> list ? list : Arrays.asList(value)) {
            if (item instanceof Map<?, ?> object) {
              out.println();
              print(out, object);
            } else {
              String words = title.toString().replace('_', ' ');
              out.print(TraceSummaries.line(words, "%s", item == null ? "not said" : item));
            }
          }
        });
  }
}
