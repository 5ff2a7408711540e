package redraft.latency;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import redraft.json.CheckedObject;

/**
 * Reads what llama.cpp's {@code llama-bench -o json} (or jsonl) measured: {@code n_prompt} tokens
 * read in one pass, or {@code n_gen} passes of one token, after {@code n_depth} tokens, at {@code
 * avg_ts ± stddev_ts} tokens a second. It times passes without sampling, and asks for the logits of
 * a pass's last row only, so the price of a verification leaves out the other rows' projection.
 */
public final class LlamaBench {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private LlamaBench() {}

  /**
   * A time.
   *
   * @param context tokens in the cache: half of what was generated counts
   */
  private record Test(int rows, int context, double ms, double lowMs, double highMs) {}

  /** What was measured of one model. */
  private record Model(String file, double parameters, List<Test> tests) {}

  /**
   * Makes a profile of two models.
   *
   * @param files that hold target and draft together
   * @param target part of the target's {@code model_filename}; null for the model of more
   *     parameters where there are two
   * @param draft part of the draft's; null as for the target
   * @throws IllegalArgumentException if a file is malformed, or does not hold the models
   */
  public static MeasuredProfile read(List<Path> files, String name, String target, String draft)
      throws IOException {
    Map<String, Model> models = new TreeMap<>();
    for (Path file : files) {
      read(file, models);
    }
    List<Model> bySize =
        models.values().stream()
            .sorted(Comparator.comparingDouble(Model::parameters).reversed())
            .toList();
    if (target == null && draft == null && bySize.size() != 2) {
      throw new IllegalArgumentException(
          "a profile needs a target and a draft; "
              + files
              + " hold "
              + (bySize.isEmpty() ? "none" : String.join(", ", models.keySet()))
              + (bySize.size() < 2
                  ? "; run llama-bench with both (-m TARGET -m DRAFT), or give both files"
                  : "; say which with --target-model and --draft-model"));
    }
    PassTimes drafts = times(draft == null ? bySize.get(bySize.size() - 1) : find(bySize, draft));
    return new MeasuredProfile(
        name,
        times(target == null ? bySize.get(0) : find(bySize, target)),
        drafts,
        drafts,
        MeasuredProfile.Surroundings.NONE,
        MeasuredProfile.Surroundings.NONE,
        1);
  }

  private static Model find(List<Model> models, String part) {
    List<Model> found = models.stream().filter(model -> model.file.contains(part)).toList();
    if (found.size() != 1) {
      throw new IllegalArgumentException(
          "'"
              + part
              + "' names "
              + found.size()
              + " of the measured models, not one: "
              + String.join(", ", models.stream().map(Model::file).toList()));
    }
    return found.get(0);
  }

  private static void read(Path file, Map<String, Model> models) throws IOException {
    try (MappingIterator<JsonNode> values =
        MAPPER.readerFor(JsonNode.class).readValues(file.toFile())) {
      while (values.hasNextValue()) {
        JsonNode value = values.nextValue();
        for (JsonNode test : value.isArray() ? value : List.of(value)) {
          add(file, test, models);
        }
      }
    } catch (JsonProcessingException e) {
      throw CheckedObject.noJson(file.toString(), e);
    }
  }

  private static void add(Path file, JsonNode test, Map<String, Model> models) {
    String model = test.path("model_filename").asText("");
    int prompt = integer(file, test, "n_prompt", 0);
    int generated = integer(file, test, "n_gen", 0);
    int depth = test.has("n_depth") ? integer(file, test, "n_depth", 0) : 0;
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
    double ms = 1000 * rows / tokensPerSecond;
    double spread = ms * Math.min(0.99, deviation / tokensPerSecond);
    models
        .computeIfAbsent(
            model, key -> new Model(key, test.path("model_n_params").asDouble(), new ArrayList<>()))
        .tests
        .add(new Test(rows, depth + generated / 2, ms, ms - spread, ms + spread));
  }

  private static int integer(Path file, JsonNode test, String field, int least) {
    JsonNode value = test.path(field);
    if (!value.canConvertToInt() || !value.isIntegralNumber() || value.intValue() < least) {
      throw wrong(file, test, field, "a whole number of at least " + least);
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

  /** A prompt of one token and generation both time passes of one row: contexts tell them apart. */
  private static PassTimes times(Model model) {
    Map<Integer, TreeMap<Integer, Test>> byRows = new TreeMap<>();
    model.tests.forEach(
        test -> byRows.computeIfAbsent(test.rows, rows -> new TreeMap<>()).put(test.context, test));
    if (!byRows.containsKey(1)) {
      throw new IllegalArgumentException(
          "llama-bench timed no pass of one token of '"
              + model.file
              + "'; run it with -n 32 or -p 1 as well");
    }
    List<PassTimes.Curve> curves = new ArrayList<>();
    byRows.forEach(
        (rows, tests) -> {
          List<Test> ascending = List.copyOf(tests.values());
          curves.add(
              new PassTimes.Curve(
                  rows,
                  ascending.stream().mapToInt(Test::context).toArray(),
                  ascending.stream().mapToDouble(Test::ms).toArray(),
                  ascending.stream().mapToDouble(Test::lowMs).toArray(),
                  ascending.stream().mapToDouble(Test::highMs).toArray()));
        });
    boolean oneDepth = byRows.values().stream().allMatch(tests -> tests.size() == 1);
    int reach = byRows.values().stream().mapToInt(tests -> tests.lastKey()).max().orElse(0);
    return new PassTimes(model.file, curves, Math.max(1, reach), oneDepth);
  }
}
