package redraft.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Command lines as people type them. */
final class CommandLines {
  private CommandLines() {}

  /** The one that a command was given, without what says where results go. */
  static String again(CommandSpec command) {
    ParseResult given = command.commandLine().getParseResult();
    List<String> words = new ArrayList<>(List.of(command.qualifiedName()));
    given
        .matchedPositionals()
        .forEach(each -> each.originalStringValues().forEach(word -> words.add(quoted(word))));
    for (OptionSpec option : new LinkedHashSet<>(given.matchedOptions())) {
      if (FileArguments.written(option) != null || option.longestName().equals("--config")) {
        continue;
      }
      if (option.arity().max() == 0) {
        words.add(option.longestName());
      } else {
        for (String value : option.originalStringValues()) {
          words.add(option.longestName());
          words.add(quoted(value));
        }
      }
    }
    return String.join(" ", words);
  }

  /** As a shell reads it. */
  static String quoted(String word) {
    return word.matches("[\\p{L}\\p{N}_./:=,+@%^-]+")
        ? word
        : "'" + word.replace("'", "'\\''") + "'";
  }
}
