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
        "Lists pairs of small models that share a tokenizer, pulls them from the Hugging Face hub, and makes a pair of "
            + "models that were downloaded otherwise.",
    subcommands = {ModelsListCommand.class, ModelsPullCommand.class, ModelsPairCommand.class},
    synopsisSubcommandLabel = "list|pull|pair",
    footer = {
      "",
      "Examples:",
      "  redraft models list",
      "  redraft models pull smollm2",
      "  redraft models pair models/mine --target downloads/SmolLM2-360M --draft downloads/SmolLM2-135M"
    })
final class ModelsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    throw new ParameterException(
        spec.commandLine(),
        "say what: models list, models pair DIR, or models pull NAME, NAME being one of "
            + PairCatalogue.shipped().names());
  }
}
