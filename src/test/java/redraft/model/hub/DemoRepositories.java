package redraft.model.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import redraft.model.onnx.ShippedPair;

/** The shipped pair as two repositories, demo/tiny-target and demo/tiny-draft, and a catalogue. */
public final class DemoRepositories {
  private DemoRepositories() {}

  /** Writes the repositories and catalogue.json, and says where that is. */
  public static Path ofShippedPair(Path folder) throws IOException {
    return of(
        folder,
        Files.readAllBytes(ShippedPair.DIRECTORY.resolve("target.onnx")),
        Files.readAllBytes(ShippedPair.DIRECTORY.resolve("draft.onnx")));
  }

  static Path of(Path folder, byte[] target, byte[] draft) throws IOException {
    Path targets = Files.createDirectories(folder.resolve("demo/tiny-target/onnx")).getParent();
    Path drafts = Files.createDirectories(folder.resolve("demo/tiny-draft/onnx")).getParent();
    Files.write(targets.resolve("onnx/model.onnx"), target);
    Files.write(drafts.resolve("onnx/model.onnx"), draft);
    Files.write(
        targets.resolve("tokenizer.json"),
        Files.readAllBytes(ShippedPair.DIRECTORY.resolve("tokenizer.json")));
    Files.writeString(targets.resolve("tokenizer_config.json"), "{\"model_max_length\": 512}\n");
    Files.writeString(
        targets.resolve("config.json"),
        "{\"model_type\": \"llama\", \"max_position_embeddings\": 512, \"eos_token_id\": 1}\n");
    Files.writeString(targets.resolve("generation_config.json"), "{\"eos_token_id\": [0]}\n");
    Files.writeString(
        drafts.resolve("config.json"), "{\"model_type\": \"gpt2\", \"n_positions\": 512}\n");
    return Files.writeString(
        folder.resolve("catalogue.json"),
        """
        {
          "pairs": [
            {
              "name": "demo",
              "licence": "Apache-2.0",
              "target": {
                "name": "tiny-target", "repository": "demo/tiny-target", "onnx": "onnx/model.onnx", "parameters": 7110720
              },
              "drafts": [
                {"name": "tiny-draft", "repository": "demo/tiny-draft", "onnx": "onnx/model.onnx", "parameters": 557696}
              ]
            }
          ]
        }
        """);
  }
}
