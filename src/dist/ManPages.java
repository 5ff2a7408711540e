import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.codegen.docgen.manpage.ManPageGenerator;
import redraft.cli.Main;

/** Writes the manual of every command in AsciiDoc: {@code java ManPages.java FOLDER}. */
final class ManPages {
  private static final String LITERAL = "....";

  public static void main(String[] arguments) throws IOException {
    CommandSpec program = new CommandLine(new Main()).getCommandSpec();
    program.removeSubcommand("generate-completion"); // for shells
    prepare(program);
    File folder = new File(arguments[0]);
    System.exit(ManPageGenerator.generateManPage(folder, null, new boolean[0], true, program));
  }

  /** Examples stand in help texts below other lines, and in a manual in a section of their own. */
  private static void prepare(CommandSpec command) {
    List<String> lines = new ArrayList<>(Arrays.asList(command.usageMessage().footer()));
    int examples = lines.indexOf("Examples:");
    if (examples >= 0) {
      List<String> shown = new ArrayList<>(List.of(LITERAL));
      shown.addAll(lines.subList(examples + 1, lines.size()));
      shown.add(LITERAL);
      command.usageMessage().footerHeading("Examples%n").footer(shown.toArray(String[]::new));
    }
    command.subcommands().values().forEach(each -> prepare(each.getCommandSpec()));
  }
}
