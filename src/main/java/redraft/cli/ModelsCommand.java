package redraft.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import redraft.model.hub.PairCatalogue;

@Command(
    name = "models",
    description =
        "Lists pairs of small models that share a tokenizer, and pulls them from the Hugging Face hub.",
    subcommands = {ModelsListCommand.class, ModelsPullCommand.class},
    synopsisSubcommandLabel = "list|pull",
    footer = {"", "Examples:", "  redraft models list", "  redraft models pull smollm2"})
final class ModelsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    throw new ParameterException(
        spec.commandLine(),
        "say what: models list, or models pull NAME, NAME being one of "
            + PairCatalogue.shipped().names());
  }
}
