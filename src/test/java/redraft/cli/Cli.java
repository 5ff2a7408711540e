package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;

/** One run of the program: its exit code and what it printed. */
public record Cli(int exit, String out, String err) {
  public static Cli run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit = Main.execute(out, err, arguments);
    return new Cli(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** The end that the program gives to what fails with an exception of a part of it. */
  public static Cli failed(Exception failure) {
    StringWriter err = new StringWriter();
    int exit = Failures.report(failure, new PrintWriter(err));
    return new Cli(exit, "", err.toString());
  }

  /** A note as people see it. */
  public static String message(String note) {
    return Message.line(note);
  }

  /** The program as picocli knows it. */
  public static CommandLine program() {
    return new CommandLine(new Main());
  }

  /** Whether an option is one whose file or folder is written. */
  public static boolean writes(ArgSpec argument) {
    return FileArguments.written(argument) != null;
  }

  /** A run by a line of arguments without blanks in them, that succeeds. */
  public static Cli fine(String line) {
    Cli run = run(line.split(" "));
    assertEquals(0, run.exit, run.err);
    return run;
  }

  /** The text that {@code generate} printed, between what the clock says of it. */
  String generated() {
    return out.split("\n\n")[1];
  }

  /** The same with its JSON. */
  static JsonNode json(String line) throws IOException {
    return new ObjectMapper().readTree(fine(line + " --json").out);
  }

  /**
   * The program in a virtual machine of its own, not started yet.
   *
   * @param options of the virtual machine
   */
  static ProcessBuilder process(List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1"); // starts faster
    command.add("-Djava.awt.headless=true");
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }
}
