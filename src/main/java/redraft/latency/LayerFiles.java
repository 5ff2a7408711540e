package redraft.latency;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import redraft.json.ResultFiles;

/** Writes measured layers as files that {@link LatencyModels#load} reads. */
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
    ObjectNode json = MAPPER.createObjectNode();
    json.put("name", latency.name());
    json.put("model", LayerLatency.MODEL);
    json.put("source", source);
    json.put("date", date);
    json.put("confidence", "measured");
    if (latency.head()) {
      json.put("draftHead", true);
    }
    put(json.putObject("target"), latency.target().columns());
    if (latency.draft() != null && !latency.head()) {
      put(json.putObject("draft"), latency.draft().columns());
    }
    ResultFiles.write(file, MAPPER.writeValueAsString(json) + "\n");
  }

  private static void put(ObjectNode json, LayerTimes.Columns columns) {
    json.put("model", columns.model());
    json.put("layers", columns.layers());
    whole(json.putArray("rows"), columns.rows());
    times(json.putArray("layerUs"), columns.layerUs());
    times(json.putArray("onceUs"), columns.onceUs());
    whole(json.putArray("sampledRows"), columns.sampledRows());
    times(json.putArray("sampledUs"), columns.sampledUs());
    if (columns.router() != null) {
      ObjectNode experts = json.putObject("experts");
      experts.put("count", columns.router().count());
      experts.put("active", columns.router().active());
      whole(experts.putArray("activated"), columns.experts()[0]);
      whole(experts.putArray("rows"), columns.experts()[1]);
      times(experts.putArray("us"), columns.expertsUs());
    }
    ObjectNode attention = json.putObject("attention");
    whole(attention.putArray("chunk"), columns.attention()[0]);
    whole(attention.putArray("sequences"), columns.attention()[1]);
    whole(attention.putArray("chunkCache"), columns.attention()[2]);
    whole(attention.putArray("cache"), columns.attention()[3]);
    times(attention.putArray("us"), columns.attentionUs());
  }

  private static void whole(ArrayNode array, double[] values) {
    for (double value : values) {
      array.add((int) value);
    }
  }

  private static void times(ArrayNode array, double[] values) {
    for (double value : values) {
      array.add(Math.round(PICO * value) / PICO); // sums of what was written with fewer digits
    }
  }
}
