package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.StreamSupport;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.model.onnx.Exports;
import redraft.model.onnx.ShippedPair;

/** Model directories as a user meets them: inspected, recorded, talked to. */
class ModelInspectionTest {
  @TempDir Path folder;

  private static String export(String name) {
    return Exports.directory(name).toString();
  }

  private Cli record(String name, String... more) throws Exception {
    Path prompts =
        Files.writeString(
            folder.resolve("prompts.jsonl"),
            "{\"id\": \"a\", \"domain\": \"sea\", \"prompt\": \"the ferry carries\"}\n");
    String[] arguments = {
      "record",
      "--models",
      export(name),
      "--prompts",
      prompts.toString(),
      "--out",
      folder.resolve(name + ".jsonl").toString(),
      "--max-new-tokens",
      "6"
    };
    String[] all = java.util.Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return Cli.run(all);
  }

  @Test
  void theShippedPairRuns() {
    Cli outcome = Cli.run("inspect", ShippedPair.DIRECTORY.toString());
    assertEquals(0, outcome.exit(), outcome.err());
    for (String said :
        new String[] {
          "tiny-target (target)",
          "tiny-draft (draft)",
          "2048 tokens",
          "0 <|end|>",
          "input_ids int64 [*, *]",
          "runs; replay of its traces is exact"
        }) {
      assertTrue(outcome.out().contains(said), said + " is not in\n" + outcome.out());
    }
  }

  @Test
  void paddingEndTokensAndTemplateAreShown() {
    String out = Cli.run("inspect", export("qwen2")).out();
    for (String said :
        new String[] {
          "288 tokens and 2 logits of padding, never sampled",
          "2 <|im_end|>",
          "'Hello' becomes <|im_start|>system\\nBe brief."
        }) {
      assertTrue(out.contains(said), said + " is not in\n" + out);
    }
  }

  @Test
  void aTargetThatCannotBeOneIsRefusedWithTheReason() {
    Cli outcome = Cli.run("inspect", export("last-row"));
    assertEquals(1, outcome.exit());
    assertTrue(
        outcome.out().contains("refused: it can draft but not be the target: it gives the logits"),
        outcome.out());
  }

  @Test
  void oneModelAloneIsInspected() throws Exception {
    Path model = Exports.DIRECTORY.resolve("int8").resolve("model.onnx");
    Cli outcome = Cli.run("inspect", model.toString(), "--json", "--check-tokens", "20");
    assertEquals(0, outcome.exit(), outcome.err());
    JsonNode json = new ObjectMapper().readTree(outcome.out()).get("models").get(0);
    assertTrue(json.get("verdict").asText().startsWith("runs approximately"));
    assertTrue(json.get("grouping").asText().contains("between groupings of 20 tokens"));
    assertTrue(
        StreamSupport.stream(json.get("inputs").spliterator(), false)
            .anyMatch(
                input ->
                    input.asText().equals("past_key_values.N.key float32 [*, 2, *, 4], 2 times")));
  }

  @Test
  void weightsBesideTheModelCountInItsSize() throws Exception {
    Path pair = Exports.directory("external");
    long bytes =
        Files.size(pair.resolve("model.onnx")) + Files.size(pair.resolve("model.onnx_data"));
    String out = Cli.fine("inspect " + pair).out();
    String size = String.format(java.util.Locale.ROOT, "%,d bytes with model.onnx_data", bytes);
    assertTrue(out.contains(size), out);
    assertTrue(Cli.fine("inspect " + pair.resolve("model.onnx")).out().contains(size));
  }

  @Test
  void weightsThatNoHashCoversAreRefusedByName() throws Exception {
    Path pair = Exports.copy("external", folder.resolve("pair"));
    Path manifest = pair.resolve("pair.json");
    Files.writeString(
        manifest,
        Files.readString(manifest).replaceFirst("(?s),\\s*\"otherFiles\": \\[.*?\\]", ""));
    for (String line : new String[] {"inspect " + pair, "generate --prompt a --models " + pair}) {
      Cli run = Cli.run(line.split(" "));
      assertEquals(1, run.exit());
      assertTrue(
          run.err()
              .startsWith(
                  "redraft: model 'external' keeps weights in "
                      + pair.resolve("model.onnx_data")
                      + ", which pair.json does not pin; "),
          run.err());
      assertEquals(1, run.err().lines().count());
    }
  }

  /** Floats of all bits one are NaN. */
  @Test
  void aModelOfWeightsThatAreNoNumbersIsRefused() throws Exception {
    Path pair = Exports.copy("external", folder.resolve("pair"));
    Path weights = pair.resolve("model.onnx_data");
    String hash = DigestUtils.sha256Hex(Files.readAllBytes(weights));
    byte[] damaged = new byte[(int) Files.size(weights)];
    Arrays.fill(damaged, (byte) -1);
    Files.write(weights, damaged);
    Path manifest = pair.resolve("pair.json");
    Files.writeString(
        manifest, Files.readString(manifest).replace(hash, DigestUtils.sha256Hex(damaged)));
    Cli inspected = Cli.run("inspect", pair.toString());
    assertEquals(1, inspected.exit());
    assertTrue(
        inspected
            .out()
            .contains("refused: model 'external' gives NaN as a logit after token 0 of a text: "),
        inspected.out());
  }

  @Test
  void aModelThatIsNoneFails() {
    Path model = Exports.DIRECTORY.resolve("refused").resolve("image.onnx");
    Cli outcome = Cli.run("inspect", model.toString());
    assertEquals(1, outcome.exit());
    assertTrue(outcome.out().contains("refused: model file " + model + " takes 'pixel_values'"));
    assertEquals(1, Cli.run("inspect", folder.resolve("no.onnx").toString()).exit());
    assertEquals(1, Cli.run("inspect", folder.toString()).exit());
    assertEquals(2, Cli.run("inspect", model.toString(), "--check-tokens", "65").exit());
  }

  @Test
  void recordingAQuantisedModelWarnsThatReplayIsApproximate() throws Exception {
    Cli outcome = record("int8");
    assertEquals(0, outcome.exit(), outcome.err());
    assertTrue(
        outcome.err().startsWith("redraft: warning: logits of model 'int8' depend on how rows"),
        outcome.err());
    assertEquals(1, outcome.err().lines().count());
    String trace = folder.resolve("int8.jsonl").toString();
    assertEquals(0, Cli.run("replay", trace, "--cost-ratio", "0.1").exit());
  }

  @Test
  void aModelWithoutACacheWarnsOnce() throws Exception {
    Cli outcome = record("no-cache");
    assertEquals(0, outcome.exit(), outcome.err());
    assertTrue(outcome.err().startsWith("redraft: warning: model 'no-cache' has no KV cache"));
    assertEquals(1, outcome.err().lines().count());
  }

  @Test
  void chatRecordsTheTextThatTheModelSaw() throws Exception {
    assertEquals(0, record("llama", "--chat").exit());
    JsonNode sequence =
        new ObjectMapper().readTree(Files.readAllLines(folder.resolve("llama.jsonl")).get(1));
    assertEquals(
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nthe ferry carries<|im_end|>\n"
            + "<|im_start|>assistant\n",
        sequence.get("prompt").asText());
    assertEquals(1, sequence.get("promptTokens").get(0).asInt()); // <|im_start|>, nothing before it
  }

  @Test
  void chatWithoutATemplateIsRefused() {
    Cli outcome =
        Cli.run(
            "generate",
            "--models",
            ShippedPair.DIRECTORY.toString(),
            "--chat",
            "--prompt",
            "Hello");
    assertEquals(1, outcome.exit());
    assertTrue(
        outcome.err().startsWith("redraft: pair 'tiny' has no chat template"), outcome.err());
    assertEquals(1, outcome.err().lines().count());
  }
}
