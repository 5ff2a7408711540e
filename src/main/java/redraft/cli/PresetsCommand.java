package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.report.PresetTables;

@Command(
    name = "presets",
    description = {
      "Lists what can be named: hardware, model sizes, pairs of them, latency models and acceptance presets; with a name, "
          + "every number of it with its source, date and confidence.",
      "",
      "Confidence: read in a primary source; read-secondary, in a transcription; recalled from general knowledge and "
          + "unverified; derived by calculation; measured."
    },
    footer = {
      "",
      "Examples:",
      "  redraft presets",
      "  redraft presets h100-sxm",
      "  redraft presets llama-3.1-70b+llama-3.2-1b@h100x4 --json"
    })
final class PresetsCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "NAME",
      arity = "0..1",
      description = "Hardware, model size, target+draft@hardware, latency or acceptance preset.")
  private String name;

  @Mixin private JsonOptions output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    output.writeJson(name == null ? List.of(PresetTables.objects()) : PresetTables.object(name));
    if (output.text()) {
      out.print(
          name == null
              ? PresetTables.list(Terminal.screen())
              : PresetTables.explain(name, Terminal.screen()));
    }
    out.flush();
    return 0;
  }
}
