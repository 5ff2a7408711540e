package redraft.export;

import java.util.List;
import redraft.json.Registry;

/**
 * The engines that settings can be exported to; a new one is one file, its data and one line here.
 */
public final class EngineExports {
  public static final Registry<EngineExport> REGISTRY =
      new Registry<>(
          "engine to export to",
          EngineExport::name,
          List.of(
              new VllmExport(),
              new SglangExport(),
              new LlamaCppExport(),
              new TensorRtLlmExport(),
              new AiConfiguratorExport(),
              new DynamoMockerExport(),
              new TransformersExport()));

  private EngineExports() {}

  /** The engine of that name, or the one that a serving engine of that name is. */
  public static EngineExport named(String name) {
    EngineExport found = ofCosts(name);
    return found == null ? REGISTRY.named(name) : found;
  }

  /** The one that a serving engine with costs is; null for none. */
  public static EngineExport ofCosts(String engine) {
    return REGISTRY.all().stream()
        .filter(each -> each.engine().costs().contains(engine))
        .findFirst()
        .orElse(null);
  }

  /**
   * What makes an engine follow a rule, in its newest release that is known.
   *
   * @return null where nothing is known of the engine
   */
  public static String howTo(String engine, String rule) {
    EngineExport export = ofCosts(engine);
    if (export == null) {
      return null;
    }
    List<EngineRelease> releases = export.engine().releases();
    String title = export.engine().title();
    return releases.get(releases.size() - 1).laws().stream()
        .filter(law -> law.rule().equals(rule))
        .findFirst()
        .map(
            law ->
                "set "
                    + law.words()
                    + (law.methods().isEmpty()
                        ? ""
                        : " (of " + String.join(", ", law.methods()) + ")"))
        .orElse(title + " has no setting for it");
  }
}
