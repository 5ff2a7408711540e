package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.model.onnx.ShippedPair;

/** The commands as a user meets them. */
class CommandsTest {
  private static final String PAIR = ShippedPair.DIRECTORY.toString();
  @TempDir Path folder;

  private static void assertFails(int code, String message, String... arguments) {
    Cli outcome = Cli.run(arguments);
    assertEquals(code, outcome.exit(), outcome.err());
    String first = outcome.err().lines().findFirst().orElse("");
    assertTrue(first.startsWith("redraft: ") && first.contains(message), "said: " + outcome.err());
    assertTrue(
        outcome.err().lines().count() <= 2,
        "more than a line: " + outcome.err()); // the second points to --help
  }

  private Path copyOfThePair() throws Exception {
    Path copy = Files.createDirectories(folder.resolve("pair"));
    for (String file : List.of("pair.json", "tokenizer.json", "target.onnx", "draft.onnx")) {
      Files.copy(ShippedPair.DIRECTORY.resolve(file), copy.resolve(file));
    }
    return copy;
  }

  /** Makes pair.json agree with a file that was changed on purpose. */
  private static void sign(Path pair, String model, Path file) throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode manifest = (ObjectNode) mapper.readTree(pair.resolve("pair.json").toFile());
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    ((ObjectNode) manifest.get(model)).put("sha256", HexFormat.of().formatHex(digest));
    mapper.writeValue(pair.resolve("pair.json").toFile(), manifest);
  }

  @Test
  void generateSaysTheSameTwice() {
    String[] arguments = {
      "generate",
      "--models",
      PAIR,
      "--prompt",
      "<|drama|>STEWARD:\n",
      "--temperature",
      "1",
      "--draft-length",
      "4",
      "--seed",
      "7",
      "--max-new-tokens",
      "40",
      "--rounds",
      "1"
    };
    String first = Cli.run(arguments).generated();
    assertTrue(first.length() > 40, first);
    assertEquals(first, Cli.run(arguments).generated());
  }

  @Test
  void generateAsJsonHasTheFieldsOfTheContract() throws Exception {
    Cli outcome =
        Cli.run(
            "generate",
            "--models",
            PAIR,
            "--prompt",
            "<|code|>import os\n",
            "--max-new-tokens",
            "30",
            "--rounds",
            "1",
            "--json");
    JsonNode json = new ObjectMapper().readTree(outcome.out());
    assertEquals(
        List.of(
            "text",
            "tokens",
            "steps",
            "drafted",
            "accepted",
            "seconds",
            "baseline_seconds",
            "speedup",
            "speedup_quartile_low",
            "speedup_quartile_high",
            "unreliable"),
        json.properties().stream().map(java.util.Map.Entry::getKey).toList());
    assertEquals(
        json.get("tokens").asInt(), json.get("steps").asInt() + json.get("accepted").asInt());
    assertEquals(
        json.get("baseline_seconds").asDouble() / json.get("seconds").asDouble(),
        json.get("speedup").asDouble(),
        1e-12);
  }

  @Test
  void draftLengthZeroIsPlainDecoding() throws Exception {
    Cli outcome =
        Cli.run(
            "generate",
            "--models",
            PAIR,
            "--prompt",
            "<|code|>import os\n",
            "--max-new-tokens",
            "9",
            "--draft-length",
            "0",
            "--json");
    JsonNode json = new ObjectMapper().readTree(outcome.out());
    assertEquals(json.get("tokens").asInt(), json.get("steps").asInt());
    assertEquals(0, json.get("drafted").asInt());
    assertTrue(json.get("speedup").isNull());
  }

  @Test
  void recordedTracesReplay() throws Exception {
    Path prompts = folder.resolve("prompts.jsonl");
    Files.write(prompts, Files.readAllLines(ShippedPair.PROMPTS).subList(0, 3));
    Path trace = folder.resolve("t.jsonl.gz");
    Path csv = folder.resolve("new/r.csv");
    String[] record = {
      "record",
      "--models",
      PAIR,
      "--prompts",
      prompts.toString(),
      "--out",
      trace.toString(),
      "--temperature",
      "1",
      "--samples",
      "2",
      "--max-new-tokens",
      "20"
    };
    assertEquals(0, Cli.run(record).exit());
    Cli replayed =
        Cli.run(
            "replay",
            trace.toString(),
            "--draft-length",
            "1..3",
            "--cost-ratio",
            "0.2",
            "--by-domain",
            "--json",
            "--csv",
            csv.toString());
    assertEquals(0, replayed.exit(), replayed.err());
    JsonNode rows = new ObjectMapper().readTree(replayed.out());
    assertEquals(6, rows.size()); // three draft lengths, over all and for the one domain
    assertEquals(6, rows.get(0).get("sequences").asInt());
    assertEquals(7, Files.readAllLines(csv).size());
    for (JsonNode row : rows) {
      double steps = row.get("steps").asDouble();
      double drafted = row.get("drafted").asDouble();
      double positions = row.get("positions").asDouble();
      assertEquals(positions / (steps + 0.2 * drafted), row.get("speedup").asDouble(), 1e-12);
    }
    assertFails(2, "exists already", record);
  }

  @Test
  void aCutTraceIsReplayedAsFarAsItGoesAndSaysSo() throws Exception {
    Path prompts = folder.resolve("prompts.jsonl");
    Files.write(prompts, Files.readAllLines(ShippedPair.PROMPTS).subList(0, 3));
    Path trace = folder.resolve("t.jsonl");
    Cli.run(
        "record",
        "--models",
        PAIR,
        "--prompts",
        prompts.toString(),
        "--out",
        trace.toString(),
        "--max-new-tokens",
        "8");
    byte[] bytes = Files.readAllBytes(trace);
    Path cut = Files.write(folder.resolve("cut.jsonl"), Arrays.copyOf(bytes, bytes.length - 400));
    Cli outcome = Cli.run("replay", cut.toString(), "--cost-ratio", "0.1");
    assertEquals(0, outcome.exit(), outcome.err());
    assertTrue(
        outcome.err().contains("cut while it was recorded")
            && outcome.err().contains("2 complete sequences"),
        outcome.err());
  }

  @Test
  void aMissingModelDirectoryIsNamed() {
    assertFails(
        1,
        "nowhere is no model directory: it does not exist",
        "generate",
        "--models",
        "nowhere",
        "--prompt",
        "x");
  }

  @Test
  void aMissingModelFileIsNamed() throws Exception {
    Path pair = copyOfThePair();
    Files.delete(pair.resolve("draft.onnx"));
    assertFails(
        1, "draft.onnx does not exist", "generate", "--models", pair.toString(), "--prompt", "x");
  }

  @Test
  void aModelFileThatWasCutFailsItsHash() throws Exception {
    Path pair = copyOfThePair();
    Path target = pair.resolve("target.onnx");
    Files.write(target, Arrays.copyOf(Files.readAllBytes(target), 100_000));
    assertFails(
        1,
        "target.onnx is not the file that pair.json names",
        "generate",
        "--models",
        pair.toString(),
        "--prompt",
        "x");
  }

  @Test
  void aModelFileThatIsNoModelIsNamed() throws Exception {
    Path pair = copyOfThePair();
    Path target = pair.resolve("target.onnx");
    Files.write(target, Arrays.copyOf(Files.readAllBytes(target), 100_000));
    sign(pair, "target", target);
    assertFails(
        1,
        "target.onnx is no ONNX file, or was cut",
        "generate",
        "--models",
        pair.toString(),
        "--prompt",
        "x");
  }

  @Test
  void aTokenizerThatIsNoTokenizerIsNamed() throws Exception {
    Path pair = copyOfThePair();
    Path tokenizer = Files.writeString(pair.resolve("tokenizer.json"), "{}");
    sign(pair, "tokenizer", tokenizer);
    assertFails(
        1,
        "tokenizer.json cannot be loaded",
        "generate",
        "--models",
        pair.toString(),
        "--prompt",
        "x");
  }

  @Test
  void aTokenizerOfAnotherVocabularyIsRefused() throws Exception {
    Path pair = copyOfThePair();
    Path manifest = pair.resolve("pair.json");
    Files.writeString(
        manifest,
        Files.readString(manifest)
            .replace("\"vocabularySize\": 2048", "\"vocabularySize\": 50257"));
    assertFails(
        1,
        "gives the tokenizer a vocabularySize of 50257, tokenizer.json has 2048 tokens",
        "generate",
        "--models",
        pair.toString(),
        "--prompt",
        "x");
  }

  @Test
  void aManifestWithAWrongTypeNamesItsLine() throws Exception {
    Path pair = copyOfThePair();
    Path manifest = pair.resolve("pair.json");
    Files.writeString(
        manifest,
        Files.readString(manifest)
            .replace("\"vocabularySize\": 2048", "\"vocabularySize\": \"many\""));
    assertFails(1, "pair.json:", "generate", "--models", pair.toString(), "--prompt", "x");
  }

  @Test
  void anEmptyPromptIsRefused() {
    assertFails(1, "the prompt is empty", "generate", "--models", PAIR, "--prompt", "");
  }

  @Test
  void aPromptLongerThanTheContextIsRefused() {
    assertFails(
        1, "the context of model", "generate", "--models", PAIR, "--prompt", "word ".repeat(600));
  }

  @Test
  void absurdOptionsAreWrongUsage() {
    assertFails(
        2,
        "temperature -1.0",
        "generate",
        "--models",
        PAIR,
        "--prompt",
        "x",
        "--temperature",
        "-1");
    assertFails(2, "top-p 1.5", "generate", "--models", PAIR, "--prompt", "x", "--top-p", "1.5");
    assertFails(
        2,
        "unknown verification rule 'magic'",
        "generate",
        "--models",
        PAIR,
        "--prompt",
        "x",
        "--rule",
        "magic");
    assertFails(2, "cost ratio NaN", "replay", "traces/prompts.jsonl", "--cost-ratio", "NaN");
    assertFails(
        2, "--draft-length", "replay", "x.jsonl", "--cost-ratio", "0.1", "--draft-length", "4..2");
    assertFails(2, "Unknown option", "generate", "--prompt", "x", "--temprature", "1");
    assertFails(2, "name a command");
  }

  @Test
  void aFileThatIsNoTraceIsNamed() {
    assertFails(
        1, "file nothing.jsonl does not exist", "replay", "nothing.jsonl", "--cost-ratio", "0.1");
    assertFails(
        1, "prompts.jsonl:1: ", "replay", ShippedPair.PROMPTS.toString(), "--cost-ratio", "0.1");
  }

  @Test
  void everyCommandExplainsItselfWithAnExample() {
    for (String command :
        List.of("demo", "generate", "record", "replay", "compare", "inspect", "import")) {
      Cli outcome = Cli.run(command, "--help");
      assertEquals(0, outcome.exit());
      assertTrue(
          outcome.out().contains("Example") && outcome.out().contains("redraft " + command),
          outcome.out());
    }
  }
}
