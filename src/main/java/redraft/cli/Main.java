package redraft.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import redraft.study.LocalStorage;
import redraft.study.Storage;

/** The program: {@code redraft COMMAND}. */
@Command(
    name = "redraft",
    version = Main.VERSION,
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
      GateCommand.class,
      TrafficCommand.class,
      ReportCommand.class,
      ExploreCommand.class,
      ExportCommand.class,
      ProfileCommand.class,
      CalibrateCommand.class,
      ValidateCommand.class,
      PresetsCommand.class,
      InspectCommand.class,
      TracesCommand.class,
      ImportCommand.class,
      ModelsCommand.class,
      CompletionCommand.class,
      CommandLine.HelpCommand.class,
      AutoComplete.GenerateCompletion.class
    },
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:fine",
      "1:failed, also where output could not be written; quietly where its reader has left (| head)",
      "2:wrong usage"
    },
    footer = {
      "",
      "Examples:",
      "  redraft demo",
      "  redraft generate --prompt '<|maths|>Question: Ann has 3 pens and buys 4. How many?%nAnswer:'",
      "  redraft replay traces/tiny-t1.jsonl.gz --draft-length 1..8 --cost-ratio 0.1",
      "  redraft best traces/tiny-t1.jsonl.gz --latency llama-3.1-70b+llama-3.2-1b@h100x4",
      "",
      "redraft COMMAND --help, or redraft help COMMAND, explains a command."
    })
public final class Main implements Runnable {
  static final String VERSION = "redraft 0.1.0";

  private static final char UNREADABLE = '\ufffd'; // stands for bytes of no character
  private static final String COMPLETION = "generate-completion"; // for shells, not for people

  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description =
          "Options that the command line leaves out, TOML (default: REDRAFT_CONFIG, or redraft.toml where there is one).")
  private String config;

  @Override
  public void run() {
    List<String> commands = new ArrayList<>(spec.subcommands().keySet());
    commands.remove(COMPLETION);
    throw new ParameterException(
        spec.commandLine(), "name a command: " + String.join(", ", commands));
  }

  /** Whatever the environment says, text is UTF-8 and numbers are those of the root locale. */
  public static void main(String[] arguments) {
    prepare();
    System.exit(execute(new FileOutputStream(FileDescriptor.out), System.err, arguments));
  }

  /** Settles what commands of this virtual machine take from their surroundings. */
  public static void prepare() {
    Locale.setDefault(Locale.ROOT);
    // Fonts of pictures are chosen by the language that the virtual machine was started with.
    System.setProperty("user.language", "en");
    List.of("user.region", "user.country", "user.variant").forEach(System::clearProperty);
    System.setErr(
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> Failures.reportThread(failure, err));
  }

  /**
   * Runs a command: exit code 0 fine, 1 failed, 2 wrong usage. Standard output that cannot be
   * written is a failure, said on standard error unless its reader has left.
   */
  public static int execute(
      OutputStream standardOutput, OutputStream standardError, String... arguments) {
    return execute(new LocalStorage(), standardOutput, standardError, arguments);
  }

  /**
   * The same with archives that lie elsewhere.
   *
   * @param storage where they lie, and who reads them
   */
  public static int execute(
      Storage storage,
      OutputStream standardOutput,
      OutputStream standardError,
      String... arguments) {
    CheckedOutput checked = new CheckedOutput(standardOutput);
    PrintWriter out = new PrintWriter(checked, false, StandardCharsets.UTF_8);
    PrintWriter err =
        TextForPeople.errors(new PrintWriter(standardError, false, StandardCharsets.UTF_8));
    int exit;
    try {
      exit = run(storage, out, err, arguments);
    } catch (IllegalArgumentException e) { // of the configuration
      Failures.report(e, err);
      exit = CommandLine.ExitCode.USAGE;
    } catch (Throwable e) { // such as no memory, or a library that does not run here
      exit = Failures.report(e, err);
    }
    out.close(); // a disk elsewhere may say only now that it is full
    if (checked.failure() != null && exit == CommandLine.ExitCode.OK) {
      exit = Failures.reportOutput(checked.failure(), err);
    }
    err.flush();
    return exit;
  }

  private static int run(Storage storage, PrintWriter out, PrintWriter err, String[] arguments)
      throws IOException {
    if (List.of("--version").equals(List.of(arguments))) { // at once: commands are many
      out.println(VERSION);
      return CommandLine.ExitCode.OK;
    }
    if (lost(arguments, err)) {
      return CommandLine.ExitCode.USAGE;
    }
    Configuration configuration =
        new Configuration(Main::commandLine, System.getenv(), Path.of(""));
    CommandLine program =
        commandLine()
            .setOut(out)
            .setErr(err)
            .setExecutionStrategy(parsed -> run(parsed, storage))
            .setExecutionExceptionHandler(Failures::report)
            .setParameterExceptionHandler(
                (failure, all) -> Failures.reportUsage(failure, configuration));
    HelpText.adapt(program);
    program.getSubcommands().get(COMPLETION).getCommandSpec().usageMessage().hidden(true);
    configuration.misspelt().forEach(note -> err.println(Message.line(note)));
    return program.execute(
        configuration.complete(ArgumentFiles.expanded(program.getCommandSpec(), arguments)));
  }

  /** The commands and how their arguments are read. */
  private static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExpandAtFiles(false) // ArgumentFiles does, but not of values
        .registerConverter(Path.class, Main::path);
  }

  private static Path path(String value) {
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(
          "'" + value + "' is no name of a file here: " + e.getReason());
    }
  }

  /** Says so where an argument is not what was typed, because its bytes could not be read. */
  private static boolean lost(String[] arguments, PrintWriter err) {
    for (String argument : arguments) {
      if (argument.indexOf(UNREADABLE) >= 0) {
        err.println(
            Message.line(
                "the argument '"
                    + argument
                    + "' could not be read as "
                    + System.getProperty("sun.jnu.encoding")
                    + ", the encoding of the environment; set LC_ALL=C.UTF-8 and give it in UTF-8"));
        return true;
      }
    }
    return false;
  }

  /**
   * Prints help where that was asked for, as it is, in colours where there are any; or runs a
   * command whose files are not in each other's way, and makes visible what it prints.
   */
  private static int run(ParseResult parsed, Storage storage) {
    Integer helped = CommandLine.executeHelpRequest(parsed);
    if (helped != null) {
      return helped;
    }
    CommandLine program = parsed.commandSpec().commandLine();
    try {
      FileArguments.check(parsed);
    } catch (IOException | IllegalArgumentException e) {
      return Failures.report(e, program, parsed);
    }
    for (CommandLine command : parsed.asCommandLineList()) {
      if (command.getCommand() instanceof TraceCommand asking) {
        asking.accepted.setStorage(storage);
      }
    }
    program.setOut(new TextForPeople(program.getOut()));
    return new CommandLine.RunLast().execute(parsed);
  }
}
