package redraft.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Options that a command line leaves out, from the environment and from a file: {@code
 * REDRAFT_REPLAY_DRAFT_LENGTH}, {@code REDRAFT_DRAFT_LENGTH}, {@code draft-length} in {@code
 * [replay]}, {@code draft-length} at the top, whichever comes first. They are put onto the command
 * line, so that everything which holds for options holds for them.
 */
final class Configuration {
  /** The file that is read where none is named. */
  static final String FILE = "redraft.toml";

  private static final String VARIABLE = "REDRAFT_CONFIG";
  private static final String PREFIX = "REDRAFT_";
  private static final int LIKENESS = 2; // letters

  /** Variables that no option has; others of the program's name are looked at. */
  private static final Set<String> NO_OPTIONS = Set.of("REDRAFT_CACHE", "REDRAFT_DEBUG");

  private final Supplier<CommandLine> commands;
  private final Map<String, String> environment;
  private final Path folder;
  private final Map<String, String> origins = new LinkedHashMap<>(); // by option
  private CommandLine program; // there once it is asked

  /**
   * @param commands that are only asked, not run, and only where something is configured
   * @param folder in which the file is looked for
   */
  Configuration(Supplier<CommandLine> commands, Map<String, String> environment, Path folder) {
    this.commands = commands;
    this.environment = environment;
    this.folder = folder;
  }

  private CommandLine program() {
    if (program == null) {
      program = commands.get();
      collectErrors(program);
    }
    return program;
  }

  private boolean variables() {
    return environment.keySet().stream()
        .anyMatch(name -> name.startsWith(PREFIX) && !NO_OPTIONS.contains(name));
  }

  private static void collectErrors(CommandLine command) {
    command.getCommandSpec().parser().collectErrors(true);
    command.getSubcommands().values().forEach(Configuration::collectErrors);
  }

  /**
   * A command line with what it leaves out.
   *
   * @throws IllegalArgumentException if the file has a key that is no option
   */
  String[] complete(String... arguments) throws IOException {
    if (!variables()
        && !Files.exists(folder.resolve(FILE))
        && Arrays.stream(arguments).noneMatch(each -> each.startsWith("--conf"))) {
      return arguments;
    }
    ParseResult all = program().parseArgs(arguments);
    ParseResult parsed = all;
    String named = null;
    List<String> commands = new ArrayList<>();
    for (; parsed != null; parsed = parsed.subcommand()) {
      named = parsed.matchedOptionValue("--config", named);
      if (parsed.isUsageHelpRequested() || parsed.isVersionHelpRequested()) {
        return arguments;
      }
      if (parsed.commandSpec().parent() != null) {
        commands.add(parsed.commandSpec().name());
      }
      if (parsed.subcommand() == null) {
        break;
      }
    }
    if (named != null) {
      FileArguments.check(all); // before it is read
    }
    Toml file = file(named);
    if (commands.isEmpty() || parsed == null || parsed.commandSpec().helpCommand()) {
      return arguments;
    }
    List<OptionSpec> given = new ArrayList<>(parsed.matchedOptions());
    List<String> added = new ArrayList<>();
    for (Source source :
        List.<Source>of(
            option -> variable(String.join("_", commands) + "_" + key(option)),
            option -> variable(key(option)),
            option -> file == null ? null : file.value(commands, option),
            option -> file == null ? null : file.value(List.of(), option))) {
      List<OptionSpec> here = new ArrayList<>();
      for (OptionSpec option : parsed.commandSpec().options()) {
        Value value = configurable(option) ? source.of(option) : null;
        if (value != null && given.stream().noneMatch(other -> excludes(other, option))) {
          here.add(option);
          origins.put(option.longestName(), value.origin);
          added.addAll(words(option, value));
        }
      }
      given.addAll(here);
    }
    return inserted(arguments, commands, added);
  }

  /** Where an option's value is from; null where it stands on the command line. */
  String origin(String option) {
    return origins.get(option);
  }

  private interface Source {
    Value of(OptionSpec option);
  }

  private record Value(String text, String origin) {}

  private static boolean configurable(OptionSpec option) {
    return !option.usageHelp() && !option.versionHelp() && !key(option).equals("config");
  }

  /** As files name it. */
  private static String key(OptionSpec option) {
    return option.longestName().replaceFirst("^--?", "");
  }

  private Value variable(String key) {
    String name = PREFIX + key.replace('-', '_').toUpperCase(Locale.ROOT);
    String value = environment.get(name);
    return value == null || name.equals(VARIABLE) ? null : new Value(value, name);
  }

  /** Whether an option leaves no room for another: the same, or the other of two ways. */
  private static boolean excludes(OptionSpec given, OptionSpec other) {
    if (given.longestName().equals(other.longestName())) {
      return true;
    }
    List<ArgGroupSpec> groups = groups(given);
    return groups(other).stream()
        .filter(groups::contains)
        .findFirst()
        .map(ArgGroupSpec::exclusive)
        .orElse(false);
  }

  /** The groups that an option is in, from within. */
  private static List<ArgGroupSpec> groups(OptionSpec option) {
    List<ArgGroupSpec> groups = new ArrayList<>();
    for (ArgGroupSpec group = option.group(); group != null; group = group.parentGroup()) {
      groups.add(group);
    }
    return groups;
  }

  private static List<String> words(OptionSpec option, Value value) {
    if (option.arity().max() > 0) {
      return List.of(option.longestName() + "=" + value.text);
    }
    return switch (value.text) {
      case "true", "1" -> List.of(option.longestName());
      case "false", "0", "" -> List.of();
      default ->
          throw new IllegalArgumentException(
              value.origin
                  + ": '"
                  + value.text
                  + "' for "
                  + option.longestName()
                  + ", which is given or not; write true or false");
    };
  }

  /** Options right after the command's name. */
  private static String[] inserted(
      String[] arguments, List<String> commands, List<String> options) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    int at = 0;
    for (String command : commands) {
      while (!all.get(at).equals(command)) {
        at++;
      }
      at++;
    }
    all.addAll(at, options);
    return all.toArray(String[]::new);
  }

  // ---- the file

  private Toml file(String named) throws IOException {
    String variable = environment.get(VARIABLE);
    if (named == null && variable != null && variable.isEmpty()) {
      return null; // none, even if there is one
    }
    String name = named != null ? named : variable != null ? variable : FILE;
    Path path = folder.resolve(name);
    if (!Files.exists(path)) {
      if (name.equals(FILE) && named == null && variable == null) {
        return null;
      }
      throw new NoSuchFileException(name);
    }
    if (Files.isDirectory(path)) {
      throw new IllegalArgumentException(name + " is a directory, not a file");
    }
    try {
      Toml toml = new Toml(name, new TomlMapper().readTree(Files.readString(path)));
      toml.check(List.of(), program().getCommandSpec(), toml.root);
      return toml;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          name + ":" + e.getLocation().getLineNr() + ": no TOML: " + e.getOriginalMessage(), e);
    }
  }

  private final class Toml {
    private final String name;
    private final JsonNode root;

    Toml(String name, JsonNode root) {
      this.name = name;
      this.root = root;
    }

    /** Refuses keys that are no options, and tables that are no commands. */
    void check(List<String> commands, CommandSpec command, JsonNode table) {
      for (Map.Entry<String, JsonNode> entry : table.properties()) {
        String key = entry.getKey();
        CommandLine sub = command.subcommands().get(key);
        if (entry.getValue().isObject() && sub != null) {
          List<String> within = new ArrayList<>(commands);
          within.add(key);
          check(within, sub.getCommandSpec(), entry.getValue());
          continue;
        }
        Collection<String> known = new TreeSet<>();
        collect(command, known);
        if (entry.getValue().isObject()) {
          known = command.subcommands().keySet();
        }
        if (entry.getValue().isObject() || !known.contains(key)) {
          throw new IllegalArgumentException(
              name
                  + ": '"
                  + key
                  + "' is no "
                  + (entry.getValue().isObject() ? "command" : "option")
                  + (commands.isEmpty()
                      ? ""
                      : " of "
                          + (entry.getValue().isObject() ? "" : "redraft ")
                          + String.join(" ", commands))
                  + meant(key, known));
        }
      }
    }

    private void collect(CommandSpec command, Collection<String> known) {
      command.options().stream()
          .filter(Configuration::configurable)
          .forEach(option -> known.add(key(option)));
      command.subcommands().values().forEach(each -> collect(each.getCommandSpec(), known));
    }

    Value value(List<String> commands, OptionSpec option) {
      JsonNode table = root;
      for (String command : commands) {
        table = table.path(command);
      }
      JsonNode value = table.get(key(option));
      return value == null || value.isObject()
          ? null
          : new Value(
              text(value),
              name + (commands.isEmpty() ? "" : " [" + String.join(".", commands) + "]"));
    }

    private String text(JsonNode value) {
      if (!value.isArray()) {
        return value.asText();
      }
      List<String> all = new ArrayList<>();
      value.forEach(each -> all.add(each.asText()));
      return String.join(",", all);
    }
  }

  /** The known names that are the likest to one that is not. */
  private static String meant(String name, Collection<String> known) {
    List<String> near =
        known.stream().filter(each -> distance(name, each) <= LIKENESS).limit(3).toList();
    return near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?";
  }

  /** Letters that must be put in, taken out, changed or exchanged with the next. */
  static int distance(String a, String b) {
    int[][] least = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          least[i][j] = i + j;
          continue;
        }
        int changed = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        least[i][j] =
            Math.min(Math.min(least[i - 1][j], least[i][j - 1]) + 1, least[i - 1][j - 1] + changed);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          least[i][j] = Math.min(least[i][j], least[i - 2][j - 2] + 1);
        }
      }
    }
    return least[a.length()][b.length()];
  }

  /** Variables of the environment that are nearly the name of an option. */
  List<String> misspelt() {
    if (!variables()) {
      return List.of();
    }
    Collection<String> known = new TreeSet<>(List.of(VARIABLE));
    variables(program().getCommandSpec(), PREFIX, known);
    List<String> notes = new ArrayList<>();
    new TreeSet<>(environment.keySet())
        .stream()
            .filter(name -> name.startsWith(PREFIX) && !known.contains(name))
            .forEach(
                name -> {
                  String meant = meant(name, known);
                  if (!meant.isEmpty()) {
                    notes.add(name + " in the environment is no option" + meant);
                  }
                });
    return notes;
  }

  private static void variables(CommandSpec command, String prefix, Collection<String> known) {
    for (OptionSpec option : command.options()) {
      String name = key(option).replace('-', '_').toUpperCase(Locale.ROOT);
      known.add(prefix + name);
      known.add(PREFIX + name);
    }
    command
        .subcommands()
        .forEach(
            (name, sub) ->
                variables(
                    sub.getCommandSpec(),
                    prefix + name.replace('-', '_').toUpperCase(Locale.ROOT) + "_",
                    known));
  }
}
