package redraft.cli;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Stack;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import redraft.json.ResultFiles;
import redraft.report.RowFiles;

/** Results for programs besides or in place of the text for people. */
class JsonOptions {
  static final String STANDARD_OUTPUT = "-";

  @Written
  @Option(
      names = "--json",
      paramLabel = "FILE.json|-",
      arity = "0..1",
      fallbackValue = STANDARD_OUTPUT,
      parameterConsumer = JsonFile.class,
      description =
          "Write JSON to a file, or with - or nothing to standard output in place of the text.")
  private String json;

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

  /** Whether text for people is printed: standard output is not taken for anything else. */
  boolean text() {
    return !jsonOnStandardOutput();
  }

  /** Whether JSON was asked for, wherever it goes. */
  final boolean wantsJson() {
    return json != null;
  }

  final boolean jsonOnStandardOutput() {
    return STANDARD_OUTPUT.equals(json);
  }

  /**
   * @param value of maps, lists and records; the names of records' components become snake case
   */
  void writeJson(Object value) throws IOException {
    if (jsonOnStandardOutput()) {
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

  final PrintWriter out() {
    return TextForPeople.exact(command.commandLine());
  }
}
