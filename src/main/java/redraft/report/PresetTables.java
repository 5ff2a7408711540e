package redraft.report;

import static redraft.report.TextTable.number;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redraft.hardware.HardwareCatalogue;
import redraft.hardware.HardwareProfile;
import redraft.hardware.ModelShape;
import redraft.hardware.Precision;
import redraft.hardware.SourcedNumber;
import redraft.latency.LatencyModel;
import redraft.latency.LatencyModels;
import redraft.synthetic.AcceptancePresets;
import redraft.synthetic.Preset;
import redraft.synthetic.Schedule;

/**
 * Everything that can be named, as text and as objects for {@link RowFiles#writeJson}: hardware,
 * model sizes, pairs of them, latency models and acceptance presets.
 */
public final class PresetTables {
  private static final int CONTEXT = 1024; // tokens that prices are shown at
  private static final int DRAFT_LENGTH = 4;

  private PresetTables() {}

  // ---- all of them

  /** All presets as objects of lists. */
  public static Map<String, Object> objects() throws IOException {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("hardware", HardwareCatalogue.hardware());
    all.put("models", HardwareCatalogue.models());
    all.put("pairs", HardwareCatalogue.pairs());
    all.put("latency", LatencyModels.NAMES);
    all.put("acceptance", AcceptancePresets.shipped().stream().map(Acceptance::of).toList());
    return all;
  }

  /** All presets as tables under headings. */
  public static String list() throws IOException {
    return "Hardware (--hardware NAME, or NAMEx4 for four)\n\n"
        + hardware()
        + "\nModel sizes (--target-model, --draft-model)\n\n"
        + models()
        + "\nPairs (--latency NAME; any target+draft@hardware will do), 16-bit weights, batch 1, "
        + CONTEXT
        + " tokens of context\n\n"
        + pairs()
        + "\nLatency models (--latency NAME): "
        + String.join(", ", LatencyModels.NAMES)
        + "\n\nAcceptance (replay preset:NAME, compare --preset NAME)\n\n"
        + acceptance()
        + "\nredraft presets NAME explains one.\n";
  }

  private static TextTable hardware() {
    TextTable table = new TextTable("name", "bf16 TFLOPS", "GB/s", "GB", "USD/h", "what it is");
    for (HardwareProfile each : HardwareCatalogue.hardware()) {
      table.add(
          each.name(),
          number(each.tflops(Precision.BF16), 1),
          number(each.memoryBandwidthGBps().value(), 0),
          number(each.memoryGB().value(), 0),
          each.usdPerHour() == null ? "–" : number(each.usdPerHour().value(), 2),
          each.title());
    }
    return table;
  }

  private static TextTable models() {
    TextTable table =
        new TextTable("name", "parameters", "layers", "hidden", "KV heads", "KV bytes/token");
    for (ModelShape each : HardwareCatalogue.models()) {
      table.add(
          each.name(),
          number(each.parameters() / 1e6, 1) + " M",
          Integer.toString(each.layers()),
          Integer.toString(each.hidden()),
          Integer.toString(each.kvHeads()),
          number(each.kvBytesPerToken(), 0));
    }
    return table;
  }

  private static TextTable pairs() throws IOException {
    TextTable table =
        new TextTable("name", "plain ms/token", "draft/target", "K=4 step/token", "why");
    for (HardwareCatalogue.Pair each : HardwareCatalogue.pairs()) {
      LatencyModel model = LatencyModels.load(each.name());
      double plain = model.baselineStep(1, CONTEXT);
      table.add(
          each.name(),
          number(plain, 2),
          number(model.draftPass(1, 1, CONTEXT) / plain, 3),
          number(model.speculativeStep(1, DRAFT_LENGTH, CONTEXT) / plain, 3),
          each.why());
    }
    return table;
  }

  private static TextTable acceptance() throws IOException {
    TextTable table = new TextTable("name", "schedule", "what it is");
    for (Preset each : AcceptancePresets.shipped()) {
      table.add(each.name(), each.schedule().name(), each.description());
    }
    return table;
  }

  // ---- one of them

  /**
   * A preset with what it is: hardware, model, acceptance or latency.
   *
   * @param preset the record whose fields stand beside the kind
   */
  private record Named(String kind, @JsonUnwrapped Object preset) {}

  /** An acceptance preset whose schedule has a name. */
  private record Acceptance(
      String name,
      String description,
      NamedSchedule schedule,
      String source,
      String confidence,
      int sequences,
      int promptTokens,
      int tokens) {
    static Acceptance of(Preset preset) {
      return new Acceptance(
          preset.name(),
          preset.description(),
          new NamedSchedule(preset.schedule().name(), preset.schedule()),
          preset.source(),
          preset.confidence(),
          preset.sequences(),
          preset.promptTokens(),
          preset.tokens());
    }
  }

  private record NamedSchedule(String name, @JsonUnwrapped Schedule parameters) {}

  /** Milliseconds at batch 1 and one context. */
  private record Prices(
      String name,
      String targetModel,
      String draftModel,
      Double usdPerHour,
      int contextTokens,
      List<Pass> passes,
      double plainStepMs,
      List<SpeculativeStep> speculativeSteps,
      String shortfall) {
    static Prices of(String name) throws IOException {
      LatencyModel model = LatencyModels.load(name);
      List<Pass> passes = new ArrayList<>();
      for (int rows = 1; rows <= 16; rows *= 2) {
        passes.add(
            new Pass(rows, model.targetPass(1, rows, CONTEXT), model.draftPass(1, rows, CONTEXT)));
      }
      List<SpeculativeStep> steps = new ArrayList<>();
      for (int length = 1; length <= 8; length *= 2) {
        steps.add(new SpeculativeStep(length, model.speculativeStep(1, length, CONTEXT)));
      }
      double usd = model.usdPerHour();
      return new Prices(
          name,
          model.targetModel(),
          model.draftModel(),
          Double.isNaN(usd) ? null : usd,
          CONTEXT,
          passes,
          model.baselineStep(1, CONTEXT),
          steps,
          model.shortfall(1, CONTEXT, true));
    }
  }

  private record Pass(int rows, double targetMs, double draftMs) {}

  private record SpeculativeStep(int draftLength, double ms) {}

  /**
   * What a name stands for.
   *
   * @throws IllegalArgumentException if it is unknown
   */
  private static Named named(String name) throws IOException {
    for (HardwareProfile each : HardwareCatalogue.hardware()) {
      if (each.name().equals(name) || each.aliases().contains(name)) {
        return new Named("hardware", each);
      }
    }
    for (ModelShape each : HardwareCatalogue.models()) {
      if (each.name().equals(name)) {
        return new Named("model", each);
      }
    }
    return AcceptancePresets.NAMES.contains(name)
        ? new Named("acceptance", Acceptance.of(AcceptancePresets.load(name)))
        : new Named("latency", Prices.of(name));
  }

  /**
   * One preset with its {@code kind}.
   *
   * @throws IllegalArgumentException if the name is unknown
   */
  public static Object object(String name) throws IOException {
    return named(name);
  }

  /**
   * One preset with every number, its source, date and confidence.
   *
   * @throws IllegalArgumentException if the name is unknown
   */
  public static String explain(String name) throws IOException {
    Object preset = named(name).preset();
    if (preset instanceof HardwareProfile hardware) {
      return explain(hardware);
    }
    if (preset instanceof ModelShape model) {
      return explain(model);
    }
    return preset instanceof Prices prices
        ? explain(prices)
        : explain(AcceptancePresets.load(name));
  }

  private static String explain(HardwareProfile hardware) {
    TextTable table = new TextTable("number", "value", "confidence", "date", "source");
    for (Map.Entry<String, SourcedNumber> entry : hardware.figures().entrySet()) {
      SourcedNumber figure = entry.getValue();
      table.add(
          entry.getKey(),
          Double.toString(figure.value()),
          figure.confidence(),
          figure.date(),
          figure.source());
    }
    return hardware.name() + ": " + hardware.title() + "\n\n" + table;
  }

  private static String explain(ModelShape model) {
    TextTable table =
        new TextTable("number", "value")
            .add("layers", Integer.toString(model.layers()))
            .add("hidden", Integer.toString(model.hidden()))
            .add("heads", Integer.toString(model.heads()))
            .add("kvHeads", Integer.toString(model.kvHeads()))
            .add("headSize", Integer.toString(model.headSize()))
            .add("feedForward", Integer.toString(model.feedForward()))
            .add("gatedFeedForward", Boolean.toString(model.gatedFeedForward()))
            .add("crossAttention", Boolean.toString(model.crossAttention()))
            .add("vocabulary", Integer.toString(model.vocabulary()))
            .add("tiedEmbeddings", Boolean.toString(model.tiedEmbeddings()))
            .add("parameters", number(model.parameters(), 0))
            .add("weights read by a pass", number(model.passWeights(), 0));
    return model.name()
        + ": "
        + model.title()
        + "\n\n"
        + table
        + "\n"
        + model.confidence()
        + ", "
        + model.date()
        + ": "
        + model.source()
        + "\n";
  }

  private static String explain(Preset preset) {
    return preset.name()
        + ": "
        + preset.description()
        + "\n"
        + preset.schedule()
        + "\n"
        + preset.confidence()
        + ": "
        + preset.source()
        + "\n";
  }

  private static String explain(Prices prices) {
    TextTable table = new TextTable("rows", "target pass", "draft pass");
    for (Pass pass : prices.passes) {
      table.add(Integer.toString(pass.rows), number(pass.targetMs, 3), number(pass.draftMs, 3));
    }
    StringBuilder text = new StringBuilder(prices.name);
    text.append(": milliseconds at batch 1, ").append(CONTEXT).append(" tokens of context\n\n");
    text.append(table).append("\nplain step ").append(number(prices.plainStepMs, 3)).append('\n');
    for (SpeculativeStep step : prices.speculativeSteps) {
      text.append("step that drafts ").append(step.draftLength).append(": ");
      text.append(number(step.ms, 3)).append('\n');
    }
    return prices.shortfall == null
        ? text.toString()
        : text.append(prices.shortfall).append('\n').toString();
  }
}
