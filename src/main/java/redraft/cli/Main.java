package redraft.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program: {@code redraft COMMAND}. */
@Command(
    name = "redraft",
    version = "redraft 0.1.0",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    description =
        "A token-level, trace-replay simulator of speculative decoding: record once, replay anything, exactly.",
    subcommands = {
      DemoCommand.class,
      GenerateCommand.class,
      RecordCommand.class,
      ReplayCommand.class,
      BestCommand.class,
      SweepCommand.class,
      CompareCommand.class,
      ReportCommand.class,
      ProfileCommand.class,
      ValidateCommand.class,
      PresetsCommand.class,
      InspectCommand.class,
      ImportCommand.class,
      ModelsCommand.class
    },
    sortOptions = false,
    usageHelpAutoWidth = true,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  redraft demo",
      "  redraft generate --prompt '<|maths|>Question: Ann has 3 pens and buys 4. How many?%nAnswer:'",
      "  redraft replay traces/tiny-t1.jsonl.gz --draft-length 1..8 --cost-ratio 0.1",
      "  redraft best traces/tiny-t1.jsonl.gz --latency llama-3.1-70b+llama-3.2-1b@h100x4",
      "",
      "redraft COMMAND --help explains a command."
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "name a command: " + String.join(", ", spec.subcommands().keySet()));
  }

  public static void main(String[] arguments) {
    System.exit(execute(new PrintWriter(System.out), new PrintWriter(System.err, true), arguments));
  }

  /** Exit code 0 fine, 1 failed, 2 wrong usage. */
  static int execute(PrintWriter out, PrintWriter err, String... arguments) {
    return new CommandLine(new Main())
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(Failures::report)
        .setParameterExceptionHandler(Failures::reportUsage)
        .execute(arguments);
  }
}
