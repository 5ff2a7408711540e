package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.model.onnx.ShippedPair;
import redraft.model.pair.FileHashes;

/** The shipped target with the shipped heads as its draft. */
class HeadsCommandsTest {
  @TempDir Path folder;
  private Path models;

  @BeforeEach
  void makeThePair() throws IOException {
    models = Files.createDirectory(folder.resolve("heads"));
    for (String file : new String[] {"target.onnx", "tokenizer.json", "heads.onnx"}) {
      Files.copy(ShippedPair.DIRECTORY.resolve(file), models.resolve(file));
    }
    String pair = Files.readString(ShippedPair.DIRECTORY.resolve("pair.json"));
    String draft = pair.substring(pair.indexOf("\"drafts\""));
    String sha256 = draft.replaceFirst("(?s).*?\"sha256\": \"(\\w+)\".*", "$1");
    Files.writeString(
        models.resolve("pair.json"),
        pair.replace("draft.onnx", "heads.onnx")
            .replace("tiny-draft", "tiny-heads")
            .replace(sha256, FileHashes.of(models.resolve("heads.onnx"))));
  }

  @Test
  void recordsReplaysAndGeneratesWithHeads() throws Exception {
    assertTrue(Cli.fine("inspect " + models).out().contains("heads          4, tokens that are"));
    Path trace = folder.resolve("t.jsonl");
    Cli.fine(
        "record --models "
            + models
            + " --prompts traces/prompts.jsonl --limit 2 --max-new-tokens 12 --temperature 1 --out "
            + trace);
    String header = Files.readAllLines(trace).get(0);
    assertTrue(header.contains("\"kind\":\"depth\",\"depth\":4,\"drafting\":\"parallel\""), header);
    assertTrue(
        Cli.fine("inspect " + trace).out().contains("up to 4 tokens of a block, in one pass"));
    // A step is one pass of the draft, a tenth of the target's, whatever it drafts.
    JsonNode rows = Cli.json("replay " + trace + " --cost-ratio 0.1 --draft-length 1,4");
    for (JsonNode row : rows) {
      double tokens = row.get("tokens_per_step").asDouble();
      assertTrue(row.get("speedup").asDouble() > tokens / 1.1 - 1e-9, row.toString());
    }
    Cli deeper = Cli.run(("replay " + trace + " --cost-ratio 0.1 --draft-length 5").split(" "));
    assertEquals(2, deeper.exit());
    assertTrue(deeper.err().contains("is known up to 4 tokens of a block"), deeper.err());
    Cli.fine("replay " + trace + " --cost-ratio 0.1 --policy heuristic --draft-length 4");
    Cli logits =
        Cli.run(
            ("record --models " + models + " --logits top --out " + folder.resolve("l.jsonl"))
                .split(" "));
    assertEquals(2, logits.exit());
    assertEquals(
        "redraft: draft 'tiny-heads' has 4 heads, whose logits a trace does not keep; record it"
            + " without --logits, or name other drafts",
        logits.err().lines().reduce((a, b) -> b).orElseThrow());
    String said =
        Cli.fine(
                "generate --models "
                    + models
                    + " --prompt x --max-new-tokens 12 --draft-length 6 --rounds 1")
            .out();
    assertTrue(said.contains("drafted"), said);
  }
}
