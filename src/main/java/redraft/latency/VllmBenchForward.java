package redraft.latency;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redraft.json.CheckedObject;
import redraft.json.Utf8;

/**
 * A profile of what <a href="https://docs.vllm.ai/en/latest/cli/bench/forward/">vllm bench
 * forward</a> measured: its {@code --output-json}, a list of cases with their requests and {@code
 * median_us}. Cases of equal requests that decode or verify count: {@code query_len} is 1 and the
 * drafted tokens. {@code kv_len} includes the query.
 *
 * @param notes on what was made of the files, a line each
 */
public record VllmBenchForward(MeasuredBatches latency, List<String> notes) {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /**
   * @param target measured with {@code --exclude-drafter}
   * @param withDrafter measured without that; null where there is none
   * @param name of the profile in results
   * @throws IllegalArgumentException if a file is malformed, or lacks what every step needs
   */
  public static VllmBenchForward read(Path target, Path withDrafter, String name)
      throws IOException {
    List<String> notes = new ArrayList<>();
    TimeGrid.Points targets = points(target, notes, 1);
    TimeGrid.Points drafters = withDrafter == null ? null : points(withDrafter, notes, 2);
    try {
      return new VllmBenchForward(new MeasuredBatches(name, targets, drafters), notes);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(target + ": " + e.getMessage(), e);
    }
  }

  private static TimeGrid.Points points(Path file, List<String> notes, int leastRows)
      throws IOException {
    JsonNode cases;
    try (InputStream in = Files.newInputStream(file)) {
      cases = MAPPER.readTree(Utf8.json(file.toString(), in));
    } catch (JsonProcessingException e) {
      throw CheckedObject.noJson(file.toString(), e);
    }
    if (!cases.isArray()) {
      throw new IllegalArgumentException(file + ": not a list of cases");
    }
    List<double[]> found = new ArrayList<>();
    for (int i = 0; i < cases.size(); i++) {
      double[] point = point(file, i, cases.get(i));
      if (point != null && point[1] >= leastRows) {
        found.add(point);
      }
    }
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          file + ": no case of equal requests that " + (leastRows == 1 ? "decode" : "verify"));
    }
    if (found.size() < cases.size()) {
      notes.add(
          file.getFileName()
              + ": left out "
              + (cases.size() - found.size())
              + " of "
              + cases.size()
              + " cases, whose requests differ or neither decode nor verify");
    }
    double[][] at = new double[3][];
    for (int axis = 0; axis < 3; axis++) {
      int column = axis;
      at[axis] = found.stream().mapToDouble(point -> point[column]).toArray();
    }
    TimeGrid.Points points =
        new TimeGrid.Points(at, found.stream().mapToDouble(point -> point[3]).toArray());
    try {
      TimeGrid.of(points);
    } catch (IllegalArgumentException e) { // measured twice
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
    return points;
  }

  /** Sequences, rows, mean context and microseconds; null where requests are not alike. */
  private static double[] point(Path file, int i, JsonNode one) {
    String place = file + ": case " + (i + 1);
    JsonNode requests = one.path("requests");
    double us = one.path("median_us").asDouble(0);
    if (!requests.isArray() || requests.isEmpty() || !(us > 0) || Double.isInfinite(us)) {
      throw new IllegalArgumentException(
          place + " has no \"requests\", or no \"median_us\" above 0");
    }
    int rows = whole(place, requests.get(0), "query_len", 1);
    long context = 0;
    for (JsonNode request : requests) {
      int own = whole(place, request, "query_len", 1);
      int drafted =
          request.path("num_draft_tokens").isNull() || !request.has("num_draft_tokens")
              ? 0
              : whole(place, request, "num_draft_tokens", 0);
      int cached = whole(place, request, "kv_len", 1) - own;
      if (cached < 0) {
        throw new IllegalArgumentException(
            place + ": \"kv_len\" is " + request.get("kv_len") + ", less than its \"query_len\"");
      }
      if (own != rows || drafted != rows - 1) {
        return null;
      }
      context += cached;
    }
    return new double[] {requests.size(), rows, Math.round((double) context / requests.size()), us};
  }

  private static int whole(String place, JsonNode request, String field, int least) {
    JsonNode value = request.path(field);
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < least) {
      throw new IllegalArgumentException(
          place
              + ": \""
              + field
              + "\" is "
              + (value.isMissingNode() ? "missing" : value)
              + ", not a whole number of at least "
              + least);
    }
    return value.intValue();
  }
}
