package redraft.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Completion for fish, which picocli does not write: a line for each command, option and value,
 * under the condition that the commands before it were typed (<a
 * href="https://fishshell.com/docs/current/cmds/complete.html">complete</a>).
 */
final class FishCompletion {
  private static final String TYPED = "__fish_seen_subcommand_from";
  private static final int LONGEST_DESCRIPTION = 80; // characters

  private final String program;
  private final StringBuilder script = new StringBuilder();

  private FishCompletion(String program) {
    this.program = program;
  }

  /** What fish sources. */
  static String script(CommandLine program) {
    FishCompletion completion = new FishCompletion(program.getCommandName());
    completion.script.append("complete -c ").append(completion.program).append(" -e\n");
    completion.add(program.getCommandSpec(), List.of());
    return completion.script.toString();
  }

  /**
   * @param typed the commands before this one and itself, but the program
   */
  private void add(CommandSpec command, List<String> typed) {
    List<String> conditions = new ArrayList<>();
    typed.forEach(name -> conditions.add(TYPED + " " + name));
    if (!command.subcommands().isEmpty()) {
      String names = String.join(" ", command.subcommands().keySet());
      List<String> before = new ArrayList<>(conditions);
      before.add(typed.isEmpty() ? "__fish_use_subcommand" : "not " + TYPED + " " + names);
      command
          .subcommands()
          .forEach(
              (name, each) -> {
                if (!each.getCommandSpec().usageMessage().hidden()) {
                  line(before, "-f -a " + name, description(each.getCommandSpec()));
                }
              });
    }
    for (OptionSpec option : command.options()) {
      if (!option.hidden()) {
        StringBuilder names = new StringBuilder();
        for (String name : option.names()) {
          names.append(name.startsWith("--") ? " -l " : " -s ").append(name.replaceFirst("-+", ""));
        }
        line(conditions, names.substring(1) + value(option), description(option));
      }
    }
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      if (parameter.completionCandidates() != null) {
        line(conditions, "-f" + candidates(parameter), "");
      }
    }
    command
        .subcommands()
        .forEach(
            (name, each) -> {
              List<String> further = new ArrayList<>(typed);
              further.add(name);
              add(each.getCommandSpec(), further);
            });
  }

  /** What an option wants after its name: one of some names, a file, or anything. */
  private static String value(OptionSpec option) {
    if (option.arity().max() == 0) {
      return "";
    }
    return option.completionCandidates() != null
        ? " -x" + candidates(option)
        : FileArguments.isFile(option) ? " -r -F" : " -x";
  }

  private static String candidates(ArgSpec argument) {
    List<String> names = new ArrayList<>();
    boolean constants = argument.typeInfo().isEnum();
    argument
        .completionCandidates()
        .forEach(name -> names.add(constants ? name.toLowerCase(Locale.ROOT) : name));
    return " -a " + quoted(String.join(" ", names));
  }

  private void line(List<String> conditions, String what, String description) {
    script.append("complete -c ").append(program);
    if (!conditions.isEmpty()) {
      script.append(" -n ").append(quoted(String.join("; and ", conditions)));
    }
    script.append(' ').append(what);
    if (!description.isEmpty()) {
      script.append(" -d ").append(quoted(description));
    }
    script.append('\n');
  }

  private static String description(CommandSpec command) {
    return first(command.usageMessage().description());
  }

  private static String description(OptionSpec option) {
    return first(option.description());
  }

  /** The beginning, up to where it can be cut. */
  private static String first(String[] description) {
    if (description.length == 0) {
      return "";
    }
    String line =
        description[0]
            .replace("%n", " ")
            .replace("%%", "%")
            .replaceFirst(" \\((default|such).*", "")
            .strip();
    int end = line.indexOf(": ");
    String sentence = end > 0 && end <= LONGEST_DESCRIPTION ? line.substring(0, end) : line;
    return sentence.length() <= LONGEST_DESCRIPTION
        ? sentence
        : sentence.substring(0, sentence.lastIndexOf(' ', LONGEST_DESCRIPTION)) + " …";
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
