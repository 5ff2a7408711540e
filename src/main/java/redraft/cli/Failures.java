package redraft.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;
import redraft.json.LineException;
import redraft.model.ModelException;

/**
 * Turns what goes wrong into one line on standard error; REDRAFT_DEBUG=1 in the environment shows
 * the stack trace too.
 */
final class Failures {
  private static final int MOST_MEANT = 3; // names

  private Failures() {}

  static int report(Exception failure, CommandLine command, ParseResult arguments) {
    report(failure, command.getErr());
    // An argument that a constructor refuses was given on the command line.
    return failure instanceof IllegalArgumentException
        ? CommandLine.ExitCode.USAGE
        : CommandLine.ExitCode.SOFTWARE;
  }

  static int report(Throwable failure, PrintWriter err) {
    err.println(Message.line(message(failure)));
    if (System.getenv("REDRAFT_DEBUG") != null) {
      failure.printStackTrace(err);
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  static int reportUsage(ParameterException failure, Configuration configuration) {
    CommandLine command = failure.getCommandLine();
    command
        .getErr()
        .println(
            Message.line(failure.getMessage() + meant(failure) + from(failure, configuration)));
    command.getErr().println("See '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return CommandLine.ExitCode.USAGE;
  }

  /** Where the option that is wrong stands, if not on the command line. */
  private static String from(ParameterException failure, Configuration configuration) {
    String origin =
        failure.getArgSpec() instanceof OptionSpec option
            ? configuration.origin(option.longestName())
            : null;
    return origin == null ? "" : " (" + origin + ")";
  }

  /** The commands or options whose names are nearest to one that is not known. */
  private static String meant(ParameterException failure) {
    List<String> nearest =
        failure instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.of();
    return nearest.isEmpty()
        ? ""
        : "; did you mean "
            + String.join(" or ", nearest.stream().limit(MOST_MEANT).toList())
            + "?";
  }

  /**
   * Says that standard output could not be written; says nothing where its reader has left, as
   * {@code head} does when it has seen enough.
   */
  static int reportOutput(IOException failure, PrintWriter err) {
    String reason = message(failure);
    if (reason == null || !reason.toLowerCase(Locale.ROOT).contains("broken pipe")) {
      err.println(Message.line("standard output could not be written: " + reason));
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** Reports what ended another thread than the one that runs a command, and ends the program. */
  static void reportThread(Throwable failure, PrintWriter err) {
    System.exit(report(failure, err));
  }

  static String message(Throwable failure) {
    if (failure.getCause() != null && failure.getCause().getClass() == failure.getClass()) {
      return message(failure.getCause()); // from another thread, wrapped in its like
    }
    if (failure.getCause() instanceof VirtualMachineError cause) {
      return message(cause); // from another thread, or wrapped
    }
    if (failure instanceof OutOfMemoryError) {
      return "not enough memory: "
          + failure.getMessage()
          + "; give Java more with JAVA_TOOL_OPTIONS=-Xmx8g, say";
    }
    if (failure instanceof StackOverflowError) {
      return "something is nested too deep; give Java a larger stack with"
          + " JAVA_TOOL_OPTIONS=-Xss64m, say (REDRAFT_DEBUG=1 shows where)";
    }
    if (failure instanceof NoSuchFileException || failure instanceof FileNotFoundException) {
      return "file " + fileOf(failure) + " does not exist";
    }
    if (failure instanceof AccessDeniedException) {
      return "file " + fileOf(failure) + " may not be read or written";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return fileOf(failure) + " is in the way: a file of that name exists already";
    }
    if (failure instanceof DirectoryNotEmptyException) {
      return fileOf(failure) + " is in the way: a folder of that name exists already";
    }
    if (failure instanceof FileSystemException e && isFull(e.getReason())) {
      return e.getMessage() + "; make room there, or name a file on another disk";
    }
    boolean said =
        failure instanceof IOException
            || failure instanceof UncheckedIOException
            || failure instanceof IllegalArgumentException
            || failure instanceof ModelException
            || failure instanceof LineException;
    if (said && failure.getMessage() != null) {
      return failure.getMessage();
    }
    return "internal error, please report it: " + failure + " (REDRAFT_DEBUG=1 shows where)";
  }

  /** As operating systems say it. */
  private static boolean isFull(String reason) {
    return reason != null
        && reason.matches("(?i).*(no space left|quota exceeded|not enough space).*");
  }

  private static String fileOf(Throwable failure) {
    return failure instanceof FileSystemException e ? e.getFile() : failure.getMessage();
  }
}
