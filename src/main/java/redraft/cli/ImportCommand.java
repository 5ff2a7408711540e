package redraft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Iterator;
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
import redraft.trace.TraceSummary;
import redraft.trace.importing.TraceImporter;
import redraft.trace.importing.TraceImporters;

@Command(
    name = "import",
    description = "Turns measurements of another program into a trace.",
    footer = {
      "",
      "Example:",
      "  redraft import --from accept-lengths gsm8k.jsonl --target llama-3.1-8b --out out/gsm8k.jsonl.gz"
    })
final class ImportCommand implements Callable<Integer> {
  /** For --help. */
  static final class Formats implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return TraceImporters.all().stream().map(TraceImporter::name).iterator();
    }
  }

  @Parameters(
      paramLabel = "FILE",
      description = "What to import, plain or compressed by gzip or zstd; - is standard input.")
  private String file;

  @Option(
      names = "--from",
      paramLabel = "FORMAT",
      required = true,
      completionCandidates = Formats.class,
      description = "Format of the file: ${COMPLETION-CANDIDATES}.")
  private String from;

  @Written
  @Option(
      names = "--out",
      paramLabel = "TRACE",
      required = true,
      description = "Trace to write, .jsonl or .jsonl.gz.")
  private Path out;

  @Option(
      names = "--domain",
      paramLabel = "NAME",
      description =
          "Domain of all sequences (default: the file's name without its extension; standard input needs one).")
  private String domain;

  @Option(
      names = "--target",
      paramLabel = "NAME",
      defaultValue = "unknown",
      description = "Name of the target model (default: ${DEFAULT-VALUE}).")
  private String target;

  @Option(
      names = "--vocabulary-size",
      paramLabel = "N",
      description = "Tokens of the vocabulary (default: the largest token id in the file + 1).")
  private Integer vocabularySize;

  @Option(names = "--force", description = "Overwrite an existing trace.")
  private boolean force;

  private CommandSpec spec;

  @Spec
  private void describe(CommandSpec command) {
    spec = command;
    List<String> description = new ArrayList<>(List.of(command.usageMessage().description()));
    for (TraceImporter importer : TraceImporters.all()) {
      description.add("");
      description.add(importer.name() + ": " + importer.description().replace("%", "%%"));
    }
    command.usageMessage().description(description.toArray(String[]::new));
  }

  @Override
  public Integer call() throws IOException {
    TraceImporter importer = TraceImporters.named(from);
    LineSource source = LineSource.of(file, System.in);
    if (domain == null && file.equals(LineSource.STANDARD_INPUT)) {
      throw new IllegalArgumentException("standard input has no name; name its --domain");
    }
    TraceImporter.Settings settings =
        new TraceImporter.Settings(
            domain == null ? withoutExtension(source.name()) : domain, target, vocabularySize);
    refuseExisting();
    ResultFiles.makeFolder(out);
    FileClaim claim = FileClaim.take(out);
    try (claim) {
      refuseExisting(); // also what another import has put there meanwhile
      TraceSummary summary = convert(importer, source, settings);
      spec.commandLine()
          .getOut()
          .println(
              summary.sequences() + " sequences, " + summary.positions() + " positions: " + out);
    }
    return 0;
  }

  private void refuseExisting() {
    if (Files.exists(out) && !Files.isRegularFile(out)) {
      throw new IllegalArgumentException(out + " is there and is no file; name another one");
    }
    if (Files.exists(out) && !force) {
      throw new IllegalArgumentException(
          out + " exists already; name another file, or overwrite it with --force");
    }
  }

  private TraceSummary convert(
      TraceImporter importer, LineSource source, TraceImporter.Settings settings)
      throws IOException {
    Path trace = ResultFiles.real(out);
    Path written = ResultFiles.beside(trace, "importing");
    Path read = ResultFiles.beside(trace, "reading");
    try {
      importer.convert(source.repeatable(read), settings, written);
      TraceSummary summary = TraceSummary.of(written);
      Files.move(written, trace, StandardCopyOption.REPLACE_EXISTING);
      return summary;
    } finally {
      Files.deleteIfExists(read);
      Files.deleteIfExists(written);
    }
  }

  private static String withoutExtension(String name) {
    return name.replaceFirst("(\\.[^.]+)?(\\.(gz|zst))?$", "");
  }
}
