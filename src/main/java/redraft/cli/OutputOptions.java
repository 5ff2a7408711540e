package redraft.cli;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Stack;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import redraft.json.ResultFiles;
import redraft.report.Columns;
import redraft.report.RowFiles;

/** Where results go besides the table for people. */
final class OutputOptions {
  private static final String STANDARD_OUTPUT = "-";

  @Option(names = "--by-domain", description = "Also rows of each domain by itself.")
  boolean byDomain;

  @Option(
      names = "--json",
      paramLabel = "FILE.json|-",
      arity = "0..1",
      fallbackValue = STANDARD_OUTPUT,
      parameterConsumer = JsonFile.class,
      description =
          "Write JSON to a file, or with - or nothing to standard output in place of the table.")
  private String json;

  @Option(
      names = "--csv",
      paramLabel = "FILE|-",
      description = "Write CSV to a file, or with - to standard output in place of the table.")
  private String csv;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /** What follows {@code --json} is its file only where it looks like one, and else an argument. */
  static final class JsonFile implements IParameterConsumer {
    @Override
    public void consumeParameters(Stack<String> arguments, ArgSpec option, CommandSpec command) {
      boolean named =
          !arguments.isEmpty()
              && (arguments.peek().equals(STANDARD_OUTPUT) || arguments.peek().endsWith(".json"));
      option.setValue(named ? arguments.pop() : STANDARD_OUTPUT);
    }
  }

  /** Whether a table for people is printed: standard output is not taken for anything else. */
  boolean table() {
    return !STANDARD_OUTPUT.equals(json) && !STANDARD_OUTPUT.equals(csv);
  }

  /** Whether anything but the table was asked for. */
  boolean wanted() {
    return csv != null || json != null;
  }

  /** The file of the CSV; null where there is none. */
  String csvFile() {
    return STANDARD_OUTPUT.equals(csv) ? null : csv;
  }

  /** Refuses what cannot be written, before anything is computed. */
  void check() {
    if (STANDARD_OUTPUT.equals(json) && STANDARD_OUTPUT.equals(csv)) {
      throw new IllegalArgumentException(
          "--json and --csv cannot both go to standard output; name a file for one of them");
    }
  }

  /** Writes what was asked for. */
  <T> void write(Columns<T> columns, List<T> rows) throws IOException {
    writeCsv(columns, rows);
    writeJson(columns.ofAll(rows));
  }

  <T> void writeCsv(Columns<T> columns, List<T> rows) throws IOException {
    if (STANDARD_OUTPUT.equals(csv)) {
      RowFiles.writeCsv(out(), columns, rows);
    } else if (csv != null) {
      RowFiles.writeCsv(Path.of(csv), columns, rows);
    }
  }

  /**
   * @param value of maps and lists
   */
  void writeJson(Object value) throws IOException {
    if (STANDARD_OUTPUT.equals(json)) {
      RowFiles.writeJson(out(), value);
    } else if (json != null) {
      ResultFiles.write(
          Path.of(json),
          stream -> {
            Writer writer = new OutputStreamWriter(stream, StandardCharsets.UTF_8);
            RowFiles.writeJson(writer, value);
            writer.flush();
          });
    }
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }
}
