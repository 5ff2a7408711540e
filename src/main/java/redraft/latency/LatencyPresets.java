package redraft.latency;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Latency models as data: those shipped, by name, and files of the same form. */
public final class LatencyPresets {
  /** The names of those shipped. */
  public static final List<String> NAMES = List.of("llama-3.1-8b-eagle3-h100");

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(
              DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
              DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
              DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  private LatencyPresets() {}

  /**
   * A preset as it is written down.
   *
   * @param model "linear"
   * @param source where the numbers come from
   * @param date of the source
   * @param confidence how sure they are
   * @param draftPassesPerStep "each" for a pass over each drafted token, "one" for one price a
   *     block
   */
  private record Preset(
      String name,
      String model,
      String source,
      String date,
      String confidence,
      LinearLatency.Price target,
      LinearLatency.Price draft,
      String draftPassesPerStep,
      double stepOverheadMs) {

    LatencyModel model(String file) {
      List<String> problems = new ArrayList<>();
      if (!"linear".equals(model)) {
        problems.add("\"model\" is \"" + model + "\", not \"linear\"");
      }
      if (!"one".equals(draftPassesPerStep) && !"each".equals(draftPassesPerStep)) {
        problems.add(
            "\"draftPassesPerStep\" is \"" + draftPassesPerStep + "\", not \"one\" or \"each\"");
      }
      require(problems, "target.fixedMs", target.fixedMs());
      require(problems, "target.perRowMs", target.perRowMs());
      require(problems, "target.perCachedTokenMs", target.perCachedTokenMs());
      require(problems, "draft.fixedMs", draft.fixedMs());
      require(problems, "draft.perRowMs", draft.perRowMs());
      require(problems, "draft.perCachedTokenMs", draft.perCachedTokenMs());
      require(problems, "stepOverheadMs", stepOverheadMs);
      if (target.fixedMs() + target.perRowMs() == 0) {
        problems.add("a target pass must take time");
      }
      if (!problems.isEmpty()) {
        throw new IllegalArgumentException(file + ": " + String.join("; ", problems));
      }
      return new LinearLatency(
          name, target, draft, draftPassesPerStep.equals("one"), stepOverheadMs);
    }

    private static void require(List<String> problems, String field, double value) {
      if (!(value >= 0) || Double.isInfinite(value)) {
        problems.add("\"" + field + "\" is " + value + ", not a number of at least 0");
      }
    }
  }

  /**
   * The preset of that name, or else the file.
   *
   * @throws IllegalArgumentException if there is neither, or if it is malformed
   */
  public static LatencyModel load(String name, Path file) throws IOException {
    boolean shipped = NAMES.contains(name);
    if (!shipped && !Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "no latency preset and no file is called '"
              + name
              + "'; the presets are "
              + String.join(", ", NAMES));
    }
    try (InputStream in =
        shipped
            ? LatencyPresets.class.getResourceAsStream(name + ".json")
            : Files.newInputStream(file)) {
      return MAPPER.readValue(in, Preset.class).model(name);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new IllegalArgumentException(
          name + ":" + line + ": " + e.getOriginalMessage().lines().findFirst().orElse(""), e);
    }
  }
}
