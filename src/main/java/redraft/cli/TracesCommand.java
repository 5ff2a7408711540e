package redraft.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "traces",
    description =
        "Merges traces of the same models and settings, splits one into the shards of an archive, writes the index of an "
            + "archive, and checks all of its files.",
    subcommands = {
      TracesMergeCommand.class,
      TracesSplitCommand.class,
      TracesIndexCommand.class,
      TracesVerifyCommand.class
    },
    synopsisSubcommandLabel = "merge|split|index|verify",
    footer = {
      "",
      "Examples:",
      "  redraft traces split traces/tiny-t1.jsonl.gz --out out/archive --positions 5000",
      "  redraft traces index out/archive",
      "  redraft traces verify out/archive",
      "  redraft traces merge out/archive --out out/whole.jsonl.gz"
    })
final class TracesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(),
        "say what: traces merge TRACE…, traces split TRACE, traces index DIR, or traces verify DIR");
  }
}
