package redraft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.json.FileClaim;
import redraft.json.LineSource;
import redraft.json.ResultFiles;
import redraft.report.TraceSummaries;
import redraft.trace.Grade;
import redraft.trace.TraceSummary;
import redraft.trace.importing.TraceImporter;
import redraft.trace.importing.TraceImporter.Inputs;
import redraft.trace.importing.TraceImporters;

@Command(
    name = "import",
    description = "Turns measurements of another program into a trace.",
    footer = {
      "",
      "Example:",
      "  redraft import --from accept-lengths gsm8k.jsonl --target-name llama-3.1-8b --out out/gsm8k.jsonl.gz"
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
      arity = "0..*",
      description = "What to import, plain or compressed by gzip or zstd; - is standard input.")
  private List<String> files = List.of();

  @Option(
      names = "--from",
      paramLabel = "FORMAT",
      completionCandidates = Formats.class,
      description =
          "Format of the files: ${COMPLETION-CANDIDATES} (default: the one that the first file begins like).")
  private String from;

  @Option(
      names = "--target",
      paramLabel = "FILE",
      description = "Of formats that keep target and drafts apart: what was kept of the target.")
  private String targetFile;

  @Option(
      names = "--draft",
      paramLabel = "NAME=FILE",
      description = "The same of a draft, with its name; may be repeated.")
  private List<String> draftFiles = List.of();

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

  @Mixin private ImportedOptions imported;

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
    List<LineSource> sources = new ArrayList<>();
    files.forEach(file -> sources.add(LineSource.of(file, System.in)));
    LineSource target = targetFile == null ? null : LineSource.of(targetFile, System.in);
    Map<String, LineSource> drafts = new LinkedHashMap<>();
    for (String draft : draftFiles) {
      int equals = draft.indexOf('=');
      if (equals < 1 || equals == draft.length() - 1) {
        throw new IllegalArgumentException(
            "--draft " + draft + " names no draft and file; write NAME=FILE");
      }
      LineSource source = LineSource.of(draft.substring(equals + 1), System.in);
      if (drafts.put(draft.substring(0, equals), source) != null) {
        throw new IllegalArgumentException(
            "--draft " + draft.substring(0, equals) + " comes twice; names must differ");
      }
    }
    if (sources.isEmpty() == (target == null) || (target == null) != drafts.isEmpty()) {
      throw new IllegalArgumentException(
          "name the files to import, or --target FILE with --draft NAME=FILE where these are apart");
    }
    if (Stream.of(files, draftFiles, Arrays.asList(targetFile))
            .flatMap(List::stream)
            .filter(file -> file != null && file.matches("([^=]+=)?" + LineSource.STANDARD_INPUT))
            .count()
        > 1) {
      throw new IllegalArgumentException("standard input can be read only once");
    }
    LineSource first = target == null ? sources.get(0) : target;
    if (domain == null && first.name().equals("standard input")) {
      throw new IllegalArgumentException("standard input has no name; name its --domain");
    }
    TraceImporter.Settings settings =
        imported.settings(domain == null ? withoutExtension(first.name()) : domain);
    refuseExisting();
    ResultFiles.makeFolder(out);
    FileClaim claim = FileClaim.take(out);
    try (claim) {
      refuseExisting(); // also what another import has put there meanwhile
      TraceSummary summary = convert(new Inputs(sources, target, drafts), settings);
      spec.commandLine()
          .getOut()
          .println(
              summary.sequences() + " sequences, " + summary.positions() + " positions: " + out);
      if (summary.header().grade() != Grade.EXACT) {
        spec.commandLine().getOut().println(TraceSummaries.grade(summary.header()));
      }
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

  private TraceSummary convert(Inputs given, TraceImporter.Settings settings) throws IOException {
    Path trace = ResultFiles.real(out);
    Path written = ResultFiles.beside(trace, "importing");
    List<Path> copies = new ArrayList<>();
    try {
      List<LineSource> files = new ArrayList<>();
      for (LineSource file : given.files()) {
        files.add(repeatable(file, trace, copies));
      }
      Map<String, LineSource> drafts = new LinkedHashMap<>();
      for (Map.Entry<String, LineSource> draft : given.drafts().entrySet()) {
        drafts.put(draft.getKey(), repeatable(draft.getValue(), trace, copies));
      }
      LineSource target = given.target() == null ? null : repeatable(given.target(), trace, copies);
      TraceImporter importer = importer(target == null ? files.get(0) : target, target != null);
      if (importer.apart() != (target != null)) {
        throw new IllegalArgumentException(
            "format '"
                + importer.name()
                + (importer.apart()
                    ? "' keeps target and drafts apart; name them with --target FILE and --draft NAME=FILE"
                    : "' keeps all in the files that are named without an option"));
      }
      importer
          .convert(new Inputs(files, target, drafts), settings, written)
          .forEach(note -> spec.commandLine().getErr().println(Message.line(note)));
      TraceSummary summary = TraceSummary.of(written);
      Files.move(written, trace, StandardCopyOption.REPLACE_EXISTING);
      return summary;
    } finally {
      for (Path copy : copies) {
        Files.deleteIfExists(copy);
      }
      Files.deleteIfExists(written);
    }
  }

  private static LineSource repeatable(LineSource source, Path trace, List<Path> copies)
      throws IOException {
    copies.add(ResultFiles.beside(trace, "reading-" + copies.size()));
    return source.repeatable(copies.get(copies.size() - 1));
  }

  private TraceImporter importer(LineSource first, boolean apart) throws IOException {
    if (from != null) {
      return TraceImporters.named(from);
    }
    TraceImporter importer = TraceImporters.recognise(first, apart);
    spec.commandLine()
        .getErr()
        .println(
            Message.line(
                first.name()
                    + " is taken to be of format '"
                    + importer.name()
                    + "'; --from names another"));
    return importer;
  }

  private static String withoutExtension(String name) {
    return name.replaceFirst("(\\.[^.]+)?(\\.(gz|zst))?$", "");
  }
}
