package redraft.latency;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import redraft.json.ResultFiles;

/** Writes profiles as files that {@link LatencyModels#load} reads. */
public final class ProfileFiles {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private ProfileFiles() {}

  /**
   * @param source what measured it, and on what
   * @param date when
   */
  public static void write(Path file, MeasuredProfile profile, String source, String date)
      throws IOException {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("name", profile.name());
    json.put("model", MeasuredProfile.MODEL);
    json.put("source", source);
    json.put("date", date);
    json.put("confidence", "measured");
    json.put("targetModel", profile.target().model());
    json.put("draftModel", profile.draft().model());
    put(json.putObject("greedy"), profile.greedy());
    put(json.putObject("sampled"), profile.sampled());
    put(json.putObject("target"), profile.target());
    put(json.putObject("draft"), profile.draft());
    put(json.putObject("draftAfterTarget"), profile.draftAfterTarget());
    ResultFiles.write(file, MAPPER.writeValueAsString(json) + "\n");
  }

  private static void put(ObjectNode json, MeasuredProfile.Surroundings surroundings) {
    json.put("targetRowMs", surroundings.targetRowMs());
    json.put("tokenMs", surroundings.tokenMs());
    json.put("draftRowMs", surroundings.draftRowMs());
    json.put("verifyMs", surroundings.verifyMs());
    json.put("rollbackMs", surroundings.rollbackMs());
  }

  private static void put(ObjectNode json, PassTimes times) {
    json.put("contextLength", times.reach());
    json.put("anyContext", times.anyContext());
    ArrayNode passes = json.putArray("passes");
    for (PassTimes.Curve curve : times.curves()) {
      ObjectNode pass = passes.addObject();
      pass.put("rows", curve.rows());
      ArrayNode contexts = pass.putArray("contexts");
      for (int context : curve.contexts()) {
        contexts.add(context);
      }
      put(pass.putArray("ms"), curve.ms());
      put(pass.putArray("lowMs"), curve.lowMs());
      put(pass.putArray("highMs"), curve.highMs());
    }
  }

  private static void put(ArrayNode array, double[] values) {
    for (double value : values) {
      array.add(value);
    }
  }
}
