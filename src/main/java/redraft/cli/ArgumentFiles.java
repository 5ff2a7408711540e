package redraft.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * {@code @FILE} on a command line: the arguments in a file, as picocli reads them. The value of an
 * option stands as it is, for a prompt may begin with {@code @}.
 */
final class ArgumentFiles {
  private ArgumentFiles() {}

  /** The arguments with those of the files in their places; {@code @@} is an {@code @}. */
  static String[] expanded(CommandSpec program, String... arguments) {
    Map<String, Boolean> valued = new TreeMap<>();
    collect(program, valued);
    List<String> all = new ArrayList<>();
    String before = "";
    for (String argument : arguments) {
      boolean value = valued.getOrDefault(before, false);
      all.addAll(!value && argument.startsWith("@") ? read(argument) : List.of(argument));
      before = argument;
    }
    return all.toArray(String[]::new);
  }

  /** Whether options take a value that stands by itself. */
  private static void collect(CommandSpec command, Map<String, Boolean> valued) {
    for (OptionSpec option : command.options()) {
      for (String name : option.names()) {
        valued.merge(name, option.arity().min() > 0, Boolean::logicalOr);
      }
    }
    command.subcommands().values().forEach(each -> collect(each.getCommandSpec(), valued));
  }

  private static List<String> read(String argument) {
    return new CommandLine(CommandSpec.create())
        .setUnmatchedArgumentsAllowed(true)
        .setUnmatchedOptionsArePositionalParams(true)
        .parseArgs(argument)
        .unmatched();
  }
}
