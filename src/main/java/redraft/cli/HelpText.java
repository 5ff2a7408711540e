package redraft.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import redraft.report.Screen;

/**
 * Help texts that a screen has room for: lines end at blanks and never within a name, and what is
 * typed is continued as a shell continues it.
 */
final class HelpText {
  private static final int NARROWEST = 55; // columns; picocli's
  private static final int DISGUISED = 0xe000; // letters of nobody, between which no line ends
  private static final Pattern MARKS = Pattern.compile("[!-/:-@\\[-`{-~]");
  private static final Pattern DISGUISED_MARKS = Pattern.compile("[\ue000-\ue07f]");
  private static final String WORD = "(?:'[^']*'|[^\\s'])+";

  /** A word, an option with its value, or what is in quotes that are open. */
  private static final Pattern TOGETHER =
      Pattern.compile("--\\S+ (?!-)" + WORD + "|" + WORD + "|'.*$");

  private HelpText() {}

  /** Makes a program and its commands show their help so. */
  static void adapt(CommandLine program) {
    program.setUsageHelpWidth(Math.max(NARROWEST, Terminal.screen().width()));
    program.setColorScheme(Help.defaultColorScheme(Terminal.ansi()));
    program.setHelpFactory(Columns::new);
    Map<String, IHelpSectionRenderer> sections = new LinkedHashMap<>();
    program
        .getHelpSectionMap()
        .forEach((name, section) -> sections.put(name, help -> restored(section.render(help))));
    sections.put(UsageMessageSpec.SECTION_KEY_SYNOPSIS, HelpText::synopsis);
    sections.put(UsageMessageSpec.SECTION_KEY_DESCRIPTION, HelpText::description);
    sections.put(UsageMessageSpec.SECTION_KEY_FOOTER, HelpText::footer);
    program.setHelpSectionMap(sections);
  }

  /** Names what must be given, and leaves options to their list. */
  private static String synopsis(Help help) {
    CommandSpec command = help.commandSpec();
    Help.ColorScheme colours = help.colorScheme();
    List<String> words = new ArrayList<>(List.of(command.qualifiedName()));
    List<Text> shown = new ArrayList<>(List.of(colours.commandText(command.qualifiedName())));
    for (OptionSpec option : command.options()) {
      if (option.required() && option.group() == null) {
        words.add(option.longestName() + "=" + option.paramLabel());
        shown.add(colours.optionText(option.longestName()).concat("=").concat(option.paramLabel()));
      }
    }
    words.add("[OPTIONS]");
    shown.add(colours.ansi().new Text("[OPTIONS]", colours));
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      String label = label(parameter);
      words.add(label);
      shown.add(colours.parameterText(label));
    }
    if (!command.subcommands().isEmpty()) {
      words.add("COMMAND");
      shown.add(colours.parameterText("COMMAND"));
    }
    String title = "Usage: ";
    StringBuilder text = new StringBuilder();
    int column = title.length();
    for (int i = 0; i < words.size(); i++) {
      boolean fits = column + 1 + words.get(i).length() <= width(help);
      text.append(i == 0 ? "" : fits ? " " : "\n" + " ".repeat(title.length() + 2));
      column = (fits ? column + 1 : title.length() + 2) + words.get(i).length();
      text.append(shown.get(i));
    }
    return text.append('\n').toString();
  }

  private static String label(ArgSpec parameter) {
    String label = parameter.paramLabel() + (parameter.arity().max() > 1 ? "..." : "");
    return parameter.arity().min() == 0 ? "[" + label + "]" : label;
  }

  private static int width(Help help) {
    return help.commandSpec().usageMessage().width();
  }

  private static String description(Help help) {
    return lines(help.commandSpec().usageMessage().description()).stream()
        .flatMap(line -> Screen.wrapped(line, width(help)).stream())
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }

  /** Examples, which are indented, and prose. */
  private static String footer(Help help) {
    return lines(help.commandSpec().usageMessage().footer()).stream()
        .flatMap(
            line ->
                (line.startsWith("  ")
                        ? typed(line, width(help))
                        : Screen.wrapped(line, width(help)))
                    .stream())
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }

  private static List<String> lines(String... formats) {
    return Arrays.stream(formats)
        .flatMap(
            format ->
                String.format(Locale.ROOT, format).lines().toList().isEmpty()
                    ? List.of("").stream()
                    : String.format(Locale.ROOT, format).lines())
        .toList();
  }

  /** A line as it is typed, continued on others where it is too long: nothing in quotes is cut. */
  static List<String> typed(String line, int width) {
    String indent = line.replaceFirst("\\S.*", "");
    List<String> lines = new ArrayList<>();
    StringBuilder open = new StringBuilder(indent);
    Matcher words = TOGETHER.matcher(line);
    for (boolean first = true; words.find(); first = false) {
      String word = words.group();
      if (!first && open.length() + 1 + word.length() + " \\".length() > width) {
        lines.add(open + " \\");
        open = new StringBuilder(indent + "    " + word);
      } else {
        open.append(first ? "" : " ").append(word);
      }
    }
    lines.add(open.toString());
    return lines;
  }

  /** Descriptions of options and parameters whose words hold together. */
  private static final class Columns extends Help {
    Columns(CommandSpec command, ColorScheme colours) {
      super(command, colours);
    }

    @Override
    public IOptionRenderer createDefaultOptionRenderer() {
      IOptionRenderer usual = super.createDefaultOptionRenderer();
      return (option, labels, colours) -> disguised(usual.render(option, labels, colours));
    }

    @Override
    public IParameterRenderer createDefaultParameterRenderer() {
      IParameterRenderer usual = super.createDefaultParameterRenderer();
      return (parameter, labels, colours) -> disguised(usual.render(parameter, labels, colours));
    }

    private Text[][] disguised(Text[][] rows) {
      for (Text[] row : rows) {
        int last = row.length - 1; // what it is
        row[last] =
            ansi()
            .new Text(
                MARKS
                    .matcher(row[last].plainString())
                    .replaceAll(
                        mark -> String.valueOf((char) (DISGUISED + mark.group().charAt(0)))),
                colorScheme());
      }
      return rows;
    }
  }

  private static String restored(String text) {
    return DISGUISED_MARKS
        .matcher(text)
        .replaceAll(
            mark ->
                Matcher.quoteReplacement(
                    String.valueOf((char) (mark.group().charAt(0) - DISGUISED))));
  }
}
