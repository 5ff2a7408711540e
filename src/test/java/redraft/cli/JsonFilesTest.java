package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redraft.hardware.HardwareCatalogue;
import redraft.latency.LatencyModels;
import redraft.model.ModelException;
import redraft.model.hub.PairCatalogue;
import redraft.model.pair.PairManifest;
import redraft.synthetic.AcceptancePresets;
import redraft.validation.MeasuredRuns;

/** The JSON that people write: whatever stands in a field, a refusal is one line in plain words. */
class JsonFilesTest {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final List<JsonNode> WRONG =
      List.of(
          MAPPER.nullNode(),
          MAPPER.getNodeFactory().numberNode(-1),
          MAPPER.getNodeFactory().numberNode(1.5),
          MAPPER.getNodeFactory().numberNode(1e300),
          MAPPER.getNodeFactory().numberNode(BigInteger.TEN.pow(40)),
          MAPPER.getNodeFactory().textNode(""),
          MAPPER.getNodeFactory().textNode("two\nlines"),
          MAPPER.getNodeFactory().booleanNode(true),
          MAPPER.createArrayNode(),
          MAPPER.createArrayNode().addNull(),
          MAPPER.createObjectNode(),
          MAPPER.createObjectNode().put("a\nb", 1));

  @TempDir Path folder;

  /** A kind of file, a good one of it, and what reads it. */
  private enum Kind {
    CATALOGUE("model/hub/catalogue.json", "", file -> PairCatalogue.read(file)),
    PRESET("synthetic/vllm-decay.json", "", file -> AcceptancePresets.load(file.toString())),
    LATENCY(
        "latency/llama-3.1-8b-eagle3-h100.json", "", file -> LatencyModels.load(file.toString())),
    HARDWARE(
        "hardware/hardware.json",
        "/hardware/0",
        file -> HardwareCatalogue.devices(file.toString())),
    MODEL("hardware/models.json", "/models/0", file -> HardwareCatalogue.model(file.toString())),
    RUNS("validation/runs.json", "", MeasuredRuns::read),
    CALIBRATION(
        null,
        """
        {"model": "engine", "source": "s", "date": "d", "confidence": "measured", "engine": "vllm",
         "hardware": "h100-sxm", "targetModel": "llama-3.1-70b", "draftModel": "llama-3.2-1b",
         "targetPrecision": "bf16", "draftPrecision": "bf16", "costs": COSTS, "errorSpread": 0.1, "runs": 3}
        """,
        file -> LatencyModels.load(file.toString())),
    PROFILE(
        null,
        """
        {"name": "p", "model": "measured", "source": "s", "date": "d", "confidence": "measured",
         "targetModel": "t", "draftModel": "d", "greedy": AROUND, "sampled": AROUND, "target": TIMES,
         "draft": TIMES, "draftAfterTarget": TIMES}
        """,
        file -> LatencyModels.load(file.toString())),
    PAIR(null, "models/tiny/pair.json", file -> PairManifest.read(file.getParent()));

    private final String resource;
    private final String part; // of the resource, as a JSON pointer; or a text of our own
    private final Reader reader;

    Kind(String resource, String part, Reader reader) {
      this.resource = resource;
      this.part = part;
      this.reader = reader;
    }

    JsonNode good() throws IOException {
      if (this == PAIR) {
        return MAPPER.readTree(Path.of(part).toFile());
      }
      if (resource == null) {
        return MAPPER.readTree(
            part.replace(
                    "COSTS",
                    "{\"draftPassMs\":1,\"stepMs\":1,\"splitLayerMs\":1,\"draftPassDoublingMs\":1,\"draftLayerMs\":1}")
                .replace(
                    "AROUND",
                    "{\"targetRowMs\":1,\"tokenMs\":1,\"draftRowMs\":1,\"verifyMs\":1,\"rollbackMs\":1}")
                .replace(
                    "TIMES",
                    "{\"contextLength\":9,\"anyContext\":false,\"passes\":[{\"rows\":1,\"contexts\":[1,2],"
                        + "\"ms\":[1,1],\"lowMs\":[1,1],\"highMs\":[1,1]}]}"));
      }
      try (InputStream in = PairCatalogue.class.getResourceAsStream("/redraft/" + resource)) {
        JsonNode good = MAPPER.readTree(in).at(part);
        if (this == RUNS) {
          while (good.get("rows").size() > 1) {
            ((ArrayNode) good.get("rows")).remove(1);
          }
        }
        return good;
      }
    }
  }

  private interface Reader {
    Object read(Path file) throws IOException;
  }

  private final List<String> wrong = new ArrayList<>();

  @ParameterizedTest
  @EnumSource
  void whateverStandsInAFieldIsReadOrRefusedInALineThatNamesTheFile(Kind kind) throws IOException {
    Path file = folder.resolve(PairManifest.FILE);
    JsonNode good = kind.good();
    assertTrue(
        refusal(kind, file, good) == null || kind == Kind.PAIR, () -> refusal(kind, file, good));
    int refused = vary(kind, file, good, good);
    assertTrue(refused > 20, "only " + refused);
    assertEquals(List.of(), wrong.stream().limit(20).toList());
  }

  /** Puts every wrong value in place of every node below; returns how many were refused. */
  private int vary(Kind kind, Path file, JsonNode whole, JsonNode node) {
    int refused = 0;
    List<Object> places = new ArrayList<>();
    node.fieldNames().forEachRemaining(places::add);
    for (int i = 0; node.isArray() && i < Math.min(2, node.size()); i++) {
      places.add(i);
    }
    for (Object place : places) {
      JsonNode right = place instanceof Integer i ? node.get(i) : node.get((String) place);
      for (JsonNode value : WRONG) {
        put(node, place, value);
        String message = refusal(kind, file, whole);
        refused += message == null ? 0 : 1;
      }
      put(node, place, right);
      refused += vary(kind, file, whole, right);
    }
    return refused;
  }

  private static void put(JsonNode node, Object place, JsonNode value) {
    if (place instanceof Integer i) {
      ((ArrayNode) node).set(i, value);
    } else {
      ((ObjectNode) node).set((String) place, value);
    }
  }

  /** Null where the file is read. */
  private String refusal(Kind kind, Path file, JsonNode json) {
    try {
      MAPPER.writeValue(file.toFile(), json);
      kind.reader.read(file);
      return null;
    } catch (IllegalArgumentException | ModelException e) {
      String message = e.getMessage();
      if (message.lines().count() != 1
          || !message.contains(kind == Kind.PAIR ? file.getParent().toString() : file.toString())
          || message.matches(".*(`|com\\.fasterxml|java\\.|Cannot ).*")) {
        wrong.add(message);
      }
      return message;
    } catch (IOException | RuntimeException e) {
      wrong.add(e.toString());
      return e.toString();
    }
  }
}
