package redraft.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "completion",
    description = {
      "Prints what lets a shell complete commands, options and names.",
      "",
      "In bash and zsh: source <(redraft completion bash). In fish: redraft completion fish | source."
    },
    footer = {
      "",
      "Examples:",
      "  source <(redraft completion bash)",
      "  redraft completion zsh >> ~/.zshrc",
      "  redraft completion fish > ~/.config/fish/completions/redraft.fish"
    })
final class CompletionCommand implements Callable<Integer> {
  static final class Shells extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Shells() {
      super(List.of("bash", "zsh", FISH));
    }
  }

  private static final String FISH = "fish"; // one script serves the others

  @Parameters(
      paramLabel = "SHELL",
      completionCandidates = Shells.class,
      description = "One of ${COMPLETION-CANDIDATES}.")
  private String shell;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    List<String> shells = new Shells();
    if (!shells.contains(shell)) {
      throw new IllegalArgumentException(
          "no completion for shell '" + shell + "'; one of " + String.join(", ", shells));
    }
    CommandLine program = new CommandLine(spec.root().userObject());
    String script =
        shell.equals(FISH)
            ? FishCompletion.script(program)
            : AutoComplete.bash(program.getCommandName(), program);
    PrintWriter out = TextForPeople.exact(spec.commandLine());
    out.print(script);
    out.flush();
    return 0;
  }
}
