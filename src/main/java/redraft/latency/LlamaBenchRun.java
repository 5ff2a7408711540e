package redraft.latency;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import redraft.json.CheckedObject;
import redraft.json.Utf8;

/**
 * One test of llama-bench that times single passes.
 *
 * @param model its file, as llama-bench was given it
 * @param parameters weights of the model
 * @param configuration by field: everything the test ran under, as the file has it
 */
record LlamaBenchRun(
    String model, double parameters, Map<String, String> configuration, Shape shape, Speed speed) {

  /**
   * What a pass went over.
   *
   * @param depth tokens in the cache when the test began
   * @param context tokens in the cache on average: half of what was generated counts
   */
  record Shape(int rows, int depth, int context) {}

  /**
   * Passes a second.
   *
   * @param repetitions how many times the test ran
   * @param mean of the repetitions
   * @param deviation their sample standard deviation
   */
  record Speed(int repetitions, double mean, double deviation) {
    /**
     * Both as if they had been repetitions of one test: average and sample standard deviation of
     * all repetitions together.
     */
    Speed pooledWith(Speed other) {
      int all = repetitions + other.repetitions;
      double pooled = (repetitions * mean + other.repetitions * other.mean) / all;
      double squares = squaresAround(pooled) + other.squaresAround(pooled);
      return new Speed(all, pooled, Math.sqrt(squares / (all - 1)));
    }

    private double squaresAround(double value) {
      return (repetitions - 1) * deviation * deviation
          + repetitions * (mean - value) * (mean - value);
    }
  }

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /** What a test measured and what it found; all other fields are its configuration. */
  private static final Set<String> NO_CONFIGURATION =
      Set.of(
          "model_filename",
          "n_prompt",
          "n_gen",
          "n_depth",
          "test_time",
          "avg_ns",
          "stddev_ns",
          "avg_ts",
          "stddev_ts",
          "samples_ns",
          "samples_ts");

  /**
   * The tests of a file that time single passes: reading a prompt that fits into one, or generating
   * alone.
   *
   * @param file JSON or JSON Lines
   * @throws IllegalArgumentException if it is malformed
   */
  static List<LlamaBenchRun> read(Path file) throws IOException {
    List<LlamaBenchRun> runs = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file);
        MappingIterator<JsonNode> values =
            MAPPER.readerFor(JsonNode.class).readValues(Utf8.json(file.toString(), in))) {
      while (values.hasNextValue()) {
        JsonNode value = values.nextValue();
        for (JsonNode test : value.isArray() ? value : List.of(value)) {
          add(file, test, runs);
        }
      }
    } catch (JsonProcessingException e) {
      throw CheckedObject.noJson(file.toString(), e);
    }
    return runs;
  }

  private static void add(Path file, JsonNode test, List<LlamaBenchRun> runs) {
    String model = test.path("model_filename").asText("");
    int prompt = integer(file, test, "n_prompt");
    int generated = integer(file, test, "n_gen");
    int depth = test.has("n_depth") ? integer(file, test, "n_depth") : 0;
    double tokensPerSecond = number(file, test, "avg_ts");
    double deviation = number(file, test, "stddev_ts");
    if (model.isEmpty() || tokensPerSecond == 0) {
      throw new IllegalArgumentException(
          file
              + ": a test without \"model_filename\" or with \"avg_ts\" 0 is none of llama-bench's");
    }
    int rows = prompt == 0 ? 1 : prompt;
    boolean onePass = prompt <= test.path("n_ubatch").asInt(Integer.MAX_VALUE);
    if ((prompt > 0) == (generated > 0) || !onePass) {
      return; // prompt and generation mixed, or several passes: no time of one pass
    }
    Map<String, String> configuration = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : test.properties()) {
      if (!NO_CONFIGURATION.contains(field.getKey())) {
        JsonNode value = field.getValue();
        configuration.put(
            field.getKey(), value.isContainerNode() ? value.toString() : value.asText());
      }
    }
    runs.add(
        new LlamaBenchRun(
            model,
            test.path("model_n_params").asDouble(),
            configuration,
            new Shape(rows, depth, depth + generated / 2),
            new Speed(
                Math.max(1, test.path("samples_ts").size()),
                tokensPerSecond / rows,
                deviation / rows)));
  }

  private static int integer(Path file, JsonNode test, String field) {
    JsonNode value = test.path(field);
    if (!value.canConvertToInt() || !value.isIntegralNumber() || value.intValue() < 0) {
      throw wrong(file, test, field, "a whole number of at least 0");
    }
    return value.intValue();
  }

  private static double number(Path file, JsonNode test, String field) {
    JsonNode value = test.path(field);
    if (!value.isNumber() || !(value.doubleValue() >= 0)) {
      throw wrong(file, test, field, "a number of at least 0");
    }
    return value.doubleValue();
  }

  private static IllegalArgumentException wrong(
      Path file, JsonNode test, String field, String rule) {
    return new IllegalArgumentException(
        file + ": \"" + field + "\" is " + test.get(field) + ", not " + rule);
  }

  /** The model's file without its folders, whichever system they are of. */
  String fileName() {
    return model.replaceFirst(".*[/\\\\]", "");
  }

  /** Both as one test of this shape. */
  LlamaBenchRun pooledWith(LlamaBenchRun other) {
    return new LlamaBenchRun(
        model, parameters, configuration, shape, speed.pooledWith(other.speed));
  }
}
