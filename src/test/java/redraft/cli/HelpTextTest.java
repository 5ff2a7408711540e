package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import redraft.report.Screen;

/** Help texts of every command as a screen of 80 columns has room for them. */
class HelpTextTest {
  private static void collect(CommandLine command, String name, List<String> all) {
    all.add(name);
    command.getSubcommands().forEach((sub, line) -> collect(line, (name + " " + sub).strip(), all));
  }

  static Stream<String> commands() {
    List<String> all = new ArrayList<>();
    collect(Cli.program(), "", all);
    return all.stream();
  }

  private static String help(String command) {
    return Cli.fine((command + " --help").strip()).out();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyHelpTextFitsEightyColumns(String command) {
    List<String> wide = help(command).lines().filter(line -> Screen.columns(line) > 80).toList();
    assertEquals(List.of(), wide);
  }

  /** Names of options stand whole, wherever help names them. */
  @ParameterizedTest
  @MethodSource("commands")
  void noNameOfAnOptionIsCut(String command) {
    CommandLine line = Cli.program();
    for (String each : command.isEmpty() ? new String[0] : command.split(" ")) {
      line = line.getSubcommands().get(each);
    }
    Set<String> known = new TreeSet<>();
    collectOptions(Cli.program(), known);
    String help = help(command);
    Pattern cut = Pattern.compile("--?[a-z-]*-$|[\\w./]-$", Pattern.MULTILINE);
    assertFalse(cut.matcher(help).find(), help);
    for (OptionSpec option : line.getCommandSpec().options()) {
      assertTrue(option.hidden() || help.contains(option.longestName()), option.longestName());
    }
    Pattern.compile("(?<![\\w-])--[a-z][a-z-]*")
        .matcher(help)
        .results()
        .map(found -> found.group())
        .filter(name -> !known.contains(name))
        .forEach(name -> assertTrue(OF_OTHERS.contains(name), name + " is no option: cut?"));
  }

  /** Options of other programs that help texts name. */
  private static final Set<String> OF_OTHERS =
      Set.of(
          "--exclude-drafter",
          "--per-request-spec-decode-metrics",
          "--save-all-logits",
          "--save-result");

  private static void collectOptions(CommandLine command, Set<String> known) {
    command.getCommandSpec().options().forEach(option -> known.addAll(List.of(option.names())));
    command.getSubcommands().values().forEach(each -> collectOptions(each, known));
  }

  /** Pasted into a shell, an example is one command again: every line but the last is continued. */
  @ParameterizedTest
  @MethodSource("commands")
  void examplesAreContinuedAsAShellContinuesThem(String command) {
    List<String> lines = help(command).lines().toList();
    int examples = Math.max(lines.indexOf("Examples:"), lines.indexOf("Example:"));
    for (int i = examples + 1; examples >= 0 && i < lines.size(); i++) {
      if (lines.get(i).startsWith("      ")) {
        assertTrue(lines.get(i - 1).endsWith(" \\"), lines.get(i));
      }
      if (lines.get(i).endsWith(" \\")) {
        assertTrue(lines.get(i + 1).startsWith("      "), lines.get(i));
      }
    }
  }

  @Test
  void anOptionStaysWithItsValueAndQuotesStayWhole() {
    assertEquals(
        List.of("  redraft best \\", "      --draft a,b \\", "      --prompt 'one two three'"),
        HelpText.typed("  redraft best --draft a,b --prompt 'one two three'", 24));
    assertEquals(
        List.of("  redraft best t --by-domain"),
        HelpText.typed("  redraft best t --by-domain", 80));
  }

  @Test
  void theSynopsisNamesWhatMustBeGiven() {
    assertTrue(help("replay").startsWith("Usage: redraft replay [OPTIONS] [TRACE...]\n"));
    assertTrue(help("profile").startsWith("Usage: redraft profile --out=FILE [OPTIONS]"));
    assertTrue(help("models").startsWith("Usage: redraft models [OPTIONS] COMMAND\n"));
  }
}
