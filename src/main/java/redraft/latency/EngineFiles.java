package redraft.latency;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import redraft.hardware.Precision;
import redraft.json.CheckedObject;
import redraft.json.ResultFiles;

/** Engines whose costs were calibrated, in files that {@link LatencyModels#load} reads. */
public final class EngineFiles {
  /** The word for them in such files. */
  static final String MODEL = "engine";

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private EngineFiles() {}

  /**
   * @param names of hardware and models, by which a reader finds them again
   * @param source what the costs were fitted to
   * @param date when
   */
  public static void write(
      Path file, EngineLatency latency, Names names, String source, String date)
      throws IOException {
    RooflineLatency roofline = latency.roofline();
    ObjectNode json = MAPPER.createObjectNode();
    json.put("model", MODEL);
    json.put("source", source);
    json.put("date", date);
    json.put("confidence", "measured");
    json.put("engine", latency.engine().name());
    json.put("hardware", names.hardware);
    json.put("targetModel", names.target);
    json.put("draftModel", names.draft);
    json.put("targetPrecision", roofline.precisions().target().word());
    json.put("draftPrecision", roofline.precisions().draft().word());
    ObjectNode costs = json.putObject("costs");
    latency.engine().costs().keySet().stream()
        .sorted()
        .forEach(cost -> costs.put(cost.field(), latency.engine().cost(cost)));
    json.put("errorSpread", latency.engine().error().spread());
    json.put("runs", latency.engine().error().rows());
    ResultFiles.write(file, MAPPER.writeValueAsString(json) + "\n");
  }

  /** What hardware and models are called, presets or files. */
  public record Names(String hardware, String target, String draft) {}

  static LatencyModel read(CheckedObject fields) {
    Engine engine =
        Engines.REGISTRY.named(
            fields.word("engine", Engines.REGISTRY.names().toArray(String[]::new)));
    Map<EngineCost, Double> values = new EnumMap<>(EngineCost.class);
    CheckedObject costs = fields.child("costs");
    for (EngineCost cost : engine.costs().keySet()) {
      values.put(cost, costs.number(cost.field(), 0, 1e6));
    }
    Engine calibrated =
        engine
            .with(values)
            .with(
                new CostError(0, fields.number("errorSpread", 0, 10), fields.count("runs", 1), 1));
    String hardware = fields.text("hardware");
    String target = fields.text("targetModel");
    String draft = fields.text("draftModel");
    RooflineLatency.Precisions precisions =
        new RooflineLatency.Precisions(
            Precision.read(fields, "targetPrecision", null),
            Precision.read(fields, "draftPrecision", null));
    fields.finish(); // what follows takes every field to be there
    try {
      return new EngineLatency(
          RooflineLatency.named(hardware, target, draft, precisions), calibrated);
    } catch (IllegalArgumentException e) { // a name that is not known here
      throw fields.error(e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
