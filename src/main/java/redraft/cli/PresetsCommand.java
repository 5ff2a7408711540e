package redraft.cli;

import static redraft.report.TextTable.number;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.hardware.HardwareCatalogue;
import redraft.hardware.HardwareProfile;
import redraft.hardware.ModelShape;
import redraft.hardware.Precision;
import redraft.hardware.SourcedNumber;
import redraft.latency.LatencyModel;
import redraft.latency.LatencyModels;
import redraft.report.RowFiles;
import redraft.report.TextTable;
import redraft.synthetic.AcceptancePresets;
import redraft.synthetic.Preset;

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
      "  redraft presets llama-3.1-70b+llama-3.2-1b@h100x4"
    })
final class PresetsCommand implements Callable<Integer> {
  private static final int CONTEXT = 1024; // tokens that pairs are shown at
  private static final int DRAFT_LENGTH = 4;

  @Parameters(
      paramLabel = "NAME",
      arity = "0..1",
      description = "Hardware, model size, target+draft@hardware, latency or acceptance preset.")
  private String name;

  @Option(names = "--json", description = "Print hardware and model sizes as JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("hardware", HardwareCatalogue.hardware());
      all.put("models", HardwareCatalogue.models());
      all.put("pairs", HardwareCatalogue.pairs());
      RowFiles.writeJson(out, List.of(all));
    } else if (name == null) {
      list(out);
    } else {
      explain(out);
    }
    out.flush();
    return 0;
  }

  private static void list(PrintWriter out) throws IOException {
    out.println("Hardware (--hardware NAME, or NAMEx4 for four)");
    out.println();
    TextTable hardware = new TextTable("name", "bf16 TFLOPS", "GB/s", "GB", "USD/h", "what it is");
    for (HardwareProfile each : HardwareCatalogue.hardware()) {
      hardware.add(
          each.name(),
          number(each.tflops(Precision.BF16), 1),
          number(each.memoryBandwidthGBps().value(), 0),
          number(each.memoryGB().value(), 0),
          each.usdPerHour() == null ? "–" : number(each.usdPerHour().value(), 2),
          each.title());
    }
    out.print(hardware);
    out.println();
    out.println("Model sizes (--target-model, --draft-model)");
    out.println();
    TextTable models =
        new TextTable("name", "parameters", "layers", "hidden", "KV heads", "KV bytes/token");
    for (ModelShape each : HardwareCatalogue.models()) {
      models.add(
          each.name(),
          number(each.parameters() / 1e6, 1) + " M",
          Integer.toString(each.layers()),
          Integer.toString(each.hidden()),
          Integer.toString(each.kvHeads()),
          number(each.kvBytesPerToken(), 0));
    }
    out.print(models);
    out.println();
    out.println(
        "Pairs (--latency NAME; any target+draft@hardware will do), 16-bit weights, batch 1, "
            + CONTEXT
            + " tokens of context");
    out.println();
    TextTable pairs =
        new TextTable("name", "plain ms/token", "draft/target", "K=4 step/token", "why");
    for (HardwareCatalogue.Pair each : HardwareCatalogue.pairs()) {
      LatencyModel model = LatencyModels.load(each.name());
      double plain = model.baselineStep(1, CONTEXT);
      pairs.add(
          each.name(),
          number(plain, 2),
          number(model.draftPass(1, 1, CONTEXT) / plain, 3),
          number(model.speculativeStep(1, DRAFT_LENGTH, CONTEXT) / plain, 3),
          each.why());
    }
    out.print(pairs);
    out.println();
    out.println("Latency models (--latency NAME): " + String.join(", ", LatencyModels.NAMES));
    out.println();
    out.println("Acceptance (replay preset:NAME, compare --preset NAME)");
    out.println();
    TextTable acceptance = new TextTable("name", "schedule", "what it is");
    for (Preset each : AcceptancePresets.shipped()) {
      acceptance.add(each.name(), each.schedule().name(), each.description());
    }
    out.print(acceptance);
    out.println();
    out.println("redraft presets NAME explains one.");
  }

  private void explain(PrintWriter out) throws IOException {
    for (HardwareProfile each : HardwareCatalogue.hardware()) {
      if (each.name().equals(name) || each.aliases().contains(name)) {
        out.println(each.name() + ": " + each.title());
        out.println();
        TextTable table = new TextTable("number", "value", "confidence", "date", "source");
        for (Map.Entry<String, SourcedNumber> entry : each.figures().entrySet()) {
          SourcedNumber figure = entry.getValue();
          table.add(
              entry.getKey(),
              Double.toString(figure.value()),
              figure.confidence(),
              figure.date(),
              figure.source());
        }
        out.print(table);
        return;
      }
    }
    for (ModelShape each : HardwareCatalogue.models()) {
      if (each.name().equals(name)) {
        out.println(each.name() + ": " + each.title());
        out.println();
        out.print(
            new TextTable("number", "value")
                .add("layers", Integer.toString(each.layers()))
                .add("hidden", Integer.toString(each.hidden()))
                .add("heads", Integer.toString(each.heads()))
                .add("kvHeads", Integer.toString(each.kvHeads()))
                .add("headSize", Integer.toString(each.headSize()))
                .add("feedForward", Integer.toString(each.feedForward()))
                .add("gatedFeedForward", Boolean.toString(each.gatedFeedForward()))
                .add("crossAttention", Boolean.toString(each.crossAttention()))
                .add("vocabulary", Integer.toString(each.vocabulary()))
                .add("tiedEmbeddings", Boolean.toString(each.tiedEmbeddings()))
                .add("parameters", number(each.parameters(), 0))
                .add("weights read by a pass", number(each.passWeights(), 0)));
        out.println();
        out.println(each.confidence() + ", " + each.date() + ": " + each.source());
        return;
      }
    }
    if (AcceptancePresets.NAMES.contains(name)) {
      Preset preset = AcceptancePresets.load(name);
      out.println(preset.name() + ": " + preset.description());
      out.println(preset.schedule());
      out.println(preset.confidence() + ": " + preset.source());
      return;
    }
    LatencyModel model = LatencyModels.load(name); // or refuse it
    out.println(name + ": milliseconds at batch 1, " + CONTEXT + " tokens of context");
    out.println();
    TextTable table = new TextTable("rows", "target pass", "draft pass");
    for (int rows = 1; rows <= 16; rows *= 2) {
      table.add(
          Integer.toString(rows),
          number(model.targetPass(1, rows, CONTEXT), 3),
          number(model.draftPass(1, rows, CONTEXT), 3));
    }
    out.print(table);
    out.println();
    out.println("plain step " + number(model.baselineStep(1, CONTEXT), 3));
    for (int length = 1; length <= 8; length *= 2) {
      out.println(
          "step that drafts "
              + length
              + ": "
              + number(model.speculativeStep(1, length, CONTEXT), 3));
    }
    String shortfall = model.shortfall(1, CONTEXT);
    if (shortfall != null) {
      out.println(shortfall);
    }
  }
}
