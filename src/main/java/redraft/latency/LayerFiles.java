package redraft.latency;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import redraft.json.ResultFiles;

/** Writes measured layers and batches as files that {@link LatencyModels#load} reads. */
public final class LayerFiles {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private static final double PICO = 1e6; // in a microsecond

  private LayerFiles() {}

  /**
   * @param source what measured it, and on what
   * @param date when
   */
  public static void write(Path file, LayerLatency latency, String source, String date)
      throws IOException {
    ObjectNode json = head(latency.name(), LayerLatency.MODEL, source, date);
    if (latency.head()) {
      json.put("draftHead", true);
    }
    put(json.putObject("target"), latency.target().columns());
    if (latency.draft() != null && !latency.head()) {
      put(json.putObject("draft"), latency.draft().columns());
    }
    ResultFiles.write(file, MAPPER.writeValueAsString(json) + "\n");
  }

  /** The same of passes over batches. */
  public static void write(Path file, MeasuredBatches batches, String source, String date)
      throws IOException {
    ObjectNode json = head(batches.name(), MeasuredBatches.MODEL, source, date);
    put(json.putObject("target"), batches.target(), "us", "sequences", "rows", "context");
    if (batches.withDrafter() != null) {
      put(
          json.putObject("withDrafter"),
          batches.withDrafter(),
          "us",
          "sequences",
          "rows",
          "context");
    }
    ResultFiles.write(file, MAPPER.writeValueAsString(json) + "\n");
  }

  private static ObjectNode head(String name, String model, String source, String date) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("name", name);
    json.put("model", model);
    json.put("source", source);
    json.put("date", date);
    json.put("confidence", "measured");
    return json;
  }

  private static void put(ObjectNode json, LayerTimes.Columns columns) {
    json.put("model", columns.model());
    json.put("layers", columns.layers());
    put(json, columns.layer(), "layerUs", "rows");
    times(json.putArray("onceUs"), columns.once().times());
    put(json, columns.sampled(), "sampledUs", "sampledRows");
    if (columns.router() != null) {
      ObjectNode experts = json.putObject("experts");
      experts.put("count", columns.router().count());
      experts.put("active", columns.router().active());
      put(experts, columns.experts(), "us", "activated", "rows");
    }
    put(
        json.putObject("attention"),
        columns.attention(),
        "us",
        "chunk",
        "sequences",
        "chunkCache",
        "cache");
  }

  private static void put(ObjectNode json, TimeGrid.Points points, String times, String... axes) {
    for (int axis = 0; axis < axes.length; axis++) {
      ArrayNode array = json.putArray(axes[axis]);
      for (double at : points.at()[axis]) {
        array.add((int) at);
      }
    }
    times(json.putArray(times), points.times());
  }

  private static void times(ArrayNode array, double[] values) {
    for (double value : values) {
      array.add(Math.round(PICO * value) / PICO); // sums of what was written with fewer digits
    }
  }
}
