package redraft.latency;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import redraft.json.CheckedObject;

/**
 * One test of llama-bench that times single passes.
 *
 * @param model its file
 * @param parameters weights of the model
 * @param configuration by field: everything the test ran under, as the file has it
 * @param context tokens in the cache: half of what was generated counts
 * @param repetitions how many times it ran
 * @param perSecond passes a second, average of the repetitions
 * @param deviation their sample standard deviation
 */
record LlamaBenchRun(
    String model,
    double parameters,
    Map<String, String> configuration,
    int rows,
    int depth,
    int context,
    int repetitions,
    double perSecond,
    double deviation) {
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
    try (MappingIterator<JsonNode> values =
        MAPPER.readerFor(JsonNode.class).readValues(file.toFile())) {
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
            rows,
            depth,
            depth + generated / 2,
            Math.max(1, test.path("samples_ts").size()),
            tokensPerSecond / rows,
            deviation / rows));
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

  /**
   * Both as if they had been repetitions of one test: average and sample standard deviation of all
   * repetitions together.
   */
  LlamaBenchRun pooledWith(LlamaBenchRun other) {
    int all = repetitions + other.repetitions;
    double mean = (repetitions * perSecond + other.repetitions * other.perSecond) / all;
    double squares = squaresAround(mean) + other.squaresAround(mean);
    return new LlamaBenchRun(
        model,
        parameters,
        configuration,
        rows,
        depth,
        context,
        all,
        mean,
        Math.sqrt(squares / (all - 1)));
  }

  private double squaresAround(double mean) {
    return (repetitions - 1) * deviation * deviation
        + repetitions * (perSecond - mean) * (perSecond - mean);
  }
}
