package redraft.report;

import static redraft.report.TextTable.number;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import redraft.hardware.HardwareCatalogue;
import redraft.hardware.HardwareProfile;
import redraft.hardware.ModelShape;
import redraft.hardware.Precision;
import redraft.hardware.SourcedNumber;
import redraft.latency.Engines;
import redraft.latency.LatencyModels;
import redraft.synthetic.AcceptancePresets;
import redraft.synthetic.Preset;

/**
 * Everything that can be named, as text and as objects for {@link RowFiles#writeJson}: hardware,
 * model sizes, pairs of them, latency models and acceptance presets.
 */
public final class PresetTables {
  private static final int DRAFT_LENGTH = 4;

  private PresetTables() {}

  // ---- all of them

  /** All presets as objects of lists. */
  public static Map<String, Object> objects() throws IOException {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("hardware", Columns.HARDWARE.ofAll(HardwareCatalogue.hardware()));
    all.put("models", Columns.MODELS.ofAll(HardwareCatalogue.models()));
    all.put("pairs", HardwareCatalogue.pairs());
    all.put("engines", Columns.ENGINES.ofAll(Engines.REGISTRY.all()));
    all.put("latency", LatencyModels.NAMES);
    all.put("acceptance", Columns.PRESETS.ofAll(AcceptancePresets.shipped()));
    return all;
  }

  /** All presets as tables under headings. */
  public static String list(Screen screen) throws IOException {
    return "Hardware (--hardware NAME, or NAMEx4 for four)\n\n"
        + hardware().on(screen)
        + "\nModel sizes (--target-model, --draft-model); with eagle-, eagle3-, mtp- or medusa- before a name, its head\n\n"
        + models().on(screen)
        + "\nPairs (--latency NAME; any target+draft@hardware will do), 16-bit weights, batch 1, "
        + PassCosts.CONTEXT
        + " tokens of context\n\n"
        + pairs().on(screen)
        + "\nEngines (--engine NAME), with the error that predictions of published speedups have\n\n"
        + EngineTables.engines().on(screen)
        + "\nLatency models (--latency NAME): "
        + String.join(", ", LatencyModels.NAMES)
        + "\n\nAcceptance (replay preset:NAME, compare --preset NAME)\n\n"
        + acceptance().on(screen)
        + "\nredraft presets NAME explains one.\n";
  }

  private static TextTable hardware() {
    TextTable table = new TextTable("name", "bf16 TFLOPS", "GB/s", "GB", "USD/h", "what it is");
    for (HardwareProfile each : HardwareCatalogue.hardware()) {
      table.add(
          each.name(),
          number(each.tflops(Precision.BF16), 1),
          number(each.memory().bandwidthGBps().value(), 0),
          number(each.memory().capacityGB().value(), 0),
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
          Integer.toString(each.layers().count()),
          Integer.toString(each.layers().hidden()),
          Integer.toString(each.layers().attention().kvHeads()),
          number(each.kvBytesPerToken(), 0));
    }
    return table;
  }

  private static TextTable pairs() throws IOException {
    TextTable table =
        new TextTable("name", "plain ms/token", "draft/target", "K=4 step/token", "why");
    for (HardwareCatalogue.Pair each : HardwareCatalogue.pairs()) {
      PassCosts costs = PassCosts.of(each.name());
      double plain = costs.plainStepMs();
      table.add(
          each.name(),
          number(plain, 2),
          number(costs.pass(1).draftMs() / plain, 3),
          number(costs.speculativeStepMs(DRAFT_LENGTH) / plain, 3),
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

  /** The hardware of that name or alias; null where there is none. */
  private static HardwareProfile hardware(String name) {
    return HardwareCatalogue.hardware().stream()
        .filter(each -> each.name().equals(name) || each.aliases().contains(name))
        .findFirst()
        .orElse(null);
  }

  /**
   * One preset with its {@code kind}.
   *
   * @throws IllegalArgumentException if the name is unknown
   */
  public static Map<String, Object> object(String name) throws IOException {
    if (hardware(name) != null) {
      return named("hardware", Columns.HARDWARE, hardware(name));
    }
    if (HardwareCatalogue.knownModel(name) != null) {
      return named("model", Columns.MODELS, HardwareCatalogue.knownModel(name));
    }
    if (Engines.REGISTRY.names().contains(name)) {
      return named("engine", Columns.ENGINES, Engines.REGISTRY.named(name));
    }
    return AcceptancePresets.NAMES.contains(name)
        ? named("acceptance", Columns.PRESETS, AcceptancePresets.load(name))
        : named("latency", Columns.PASS_COSTS, PassCosts.of(name));
  }

  private static <T> Map<String, Object> named(String kind, Columns<T> columns, T preset) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("kind", kind);
    fields.putAll(columns.of(preset));
    return fields;
  }

  /**
   * One preset with every number, its source, date and confidence.
   *
   * @throws IllegalArgumentException if the name is unknown
   */
  public static String explain(String name, Screen screen) throws IOException {
    if (hardware(name) != null) {
      return explain(hardware(name), screen);
    }
    if (HardwareCatalogue.knownModel(name) != null) {
      return explain(HardwareCatalogue.knownModel(name), screen);
    }
    if (Engines.REGISTRY.names().contains(name)) {
      return EngineTables.explain(Engines.REGISTRY.named(name), screen);
    }
    return AcceptancePresets.NAMES.contains(name)
        ? explain(AcceptancePresets.load(name))
        : explain(PassCosts.of(name), screen);
  }

  private static String explain(HardwareProfile hardware, Screen screen) {
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
    return hardware.name() + ": " + hardware.title() + "\n\n" + table.on(screen);
  }

  private static String explain(ModelShape model, Screen screen) {
    ModelShape.Layers layers = model.layers();
    TextTable table =
        new TextTable("number", "value")
            .add("layers", Integer.toString(layers.count()))
            .add("hidden", Integer.toString(layers.hidden()))
            .add("heads", Integer.toString(layers.attention().heads()))
            .add("kvHeads", Integer.toString(layers.attention().kvHeads()))
            .add("headSize", Integer.toString(layers.attention().headSize()))
            .add("feedForward", Integer.toString(layers.feedForward().width()))
            .add("gatedFeedForward", Boolean.toString(layers.feedForward().gated()))
            .add("crossAttention", Boolean.toString(layers.crossAttention()))
            .add("vocabulary", Integer.toString(model.vocabulary().size()))
            .add("tiedEmbeddings", Boolean.toString(model.vocabulary().tiedEmbeddings()))
            .add("parameters", number(model.parameters(), 0));
    ModelShape.Experts experts = layers.experts();
    if (experts != null) {
      table
          .add("experts.count", Integer.toString(experts.count()))
          .add("experts.active", Integer.toString(experts.active()))
          .add("experts.shared", Integer.toString(experts.shared()))
          .add("experts.width", Integer.toString(experts.width()))
          .add("experts.denseLayers", Integer.toString(experts.denseLayers()));
    }
    ModelShape.Head head = model.head();
    if (head != null) {
      table
          .add("head.kind", head.kind().word())
          .add("head.count", Integer.toString(head.count()))
          .add("head.targetHidden", Integer.toString(head.targetHidden()));
    }
    if (layers.attention().weights() != null) {
      table.add("attentionWeights", number(layers.attention().weights(), 0));
    }
    table
        .add("weights read by a pass", number(model.passWeights(), 0))
        .add("KV bytes/token", number(model.kvBytesPerToken(), 0));
    return model.name()
        + ": "
        + model.title()
        + (model.aliases().isEmpty() ? "" : ", also " + String.join(", ", model.aliases()))
        + "\n\n"
        + table.on(screen)
        + "\n"
        + model.source().confidence()
        + ", "
        + model.source().date()
        + ": "
        + model.source().text()
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

  private static String explain(PassCosts costs, Screen screen) {
    TextTable table = new TextTable("rows", "target pass", "draft pass");
    for (PassCosts.Pass pass : costs.passes()) {
      table.add(
          Integer.toString(pass.rows()), number(pass.targetMs(), 3), number(pass.draftMs(), 3));
    }
    StringBuilder text = new StringBuilder(costs.name());
    text.append(": milliseconds at batch 1, ").append(PassCosts.CONTEXT);
    text.append(" tokens of context\n\n").append(table.on(screen));
    text.append("\nplain step ").append(number(costs.plainStepMs(), 3)).append('\n');
    for (PassCosts.SpeculativeStep step : costs.speculativeSteps()) {
      text.append("step that drafts ").append(step.draftLength()).append(": ");
      text.append(number(step.ms(), 3)).append('\n');
    }
    if (costs.shortfall() != null) {
      text.append(costs.shortfall()).append('\n');
    }
    return text.toString();
  }
}
