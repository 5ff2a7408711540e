package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.model.onnx.Exports;

/** Pairs of models as they were downloaded. */
class ModelsPairTest {
  @TempDir Path folder;

  /** A file of a model's own export, or of the tokenizer that all share. */
  private Path put(String from, String to) throws IOException {
    Path file = folder.resolve(to);
    Files.createDirectories(file.getParent());
    return Files.copy(Exports.DIRECTORY.resolve(from), file);
  }

  private Path write(String to, String text) throws IOException {
    Path file = folder.resolve(to);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private void download(String name, String export, String onnx) throws IOException {
    put(export + "/model.onnx", name + "/" + onnx);
    put("draft/tokenizer.json", name + "/tokenizer.json");
    put("draft/generation_config.json", name + "/generation_config.json");
    write(name + "/config.json", "{\"max_position_embeddings\": 64}");
  }

  private JsonNode pair(String directory) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(directory).resolve("pair.json").toFile());
  }

  private static String refused(int exit, String line) {
    Cli run = Cli.run(line.split(" "));
    assertEquals(exit, run.exit(), run.err());
    assertFalse(run.err().contains("Exception"), run.err());
    return run.err().lines().reduce((first, last) -> last).orElseThrow();
  }

  // In the folder onnx, as the hub keeps them; the draft int8. What pair.json says is what the
  // files
  // say: 13,072 parameters of llama and 8 frequencies, 64 positions, the end tokens 0 and 2.
  @Test
  void twoFoldersAsDownloadedMakeAPairThatRuns() throws Exception {
    download("big", "llama", "onnx/model.onnx");
    download("small", "int8", "onnx/model_quantized.onnx");
    Path mine = folder.resolve("mine");
    String line = "models pair " + mine + " --target " + folder.resolve("big");
    String said = Cli.fine(line + " --draft " + folder.resolve("small")).out();
    assertTrue(said.startsWith("target big: big/onnx/model.onnx, 13,080 weights, texts"), said);
    JsonNode pair = pair("mine");
    assertEquals(13_080, pair.at("/target/parameters").longValue());
    assertEquals(64, pair.at("/target/contextLength").intValue());
    assertEquals(288, pair.at("/tokenizer/vocabularySize").intValue());
    assertEquals("[0,2]", pair.get("endTokens").toString());
    assertEquals("small/onnx/model_quantized.onnx", pair.at("/drafts/0/file").textValue());
    assertEquals("small", pair.at("/drafts/0/name").textValue());
    Cli.fine("inspect " + mine);
    Cli.fine("generate --models " + mine + " --prompt a,b --max-new-tokens 4 --rounds 0");
    assertEquals(
        mine + " holds a pair.json already; write it anew with --force, or name another directory",
        refused(2, line).replace("redraft: ", ""));
    Cli.fine(line + " --force");
    assertEquals(0, pair("mine").get("drafts").size());
  }

  // The whole and the quantised export of one folder, which is the model directory itself.
  @Test
  void aFolderPairsItsQuantisedExportWithTheWholeOne() throws Exception {
    download("both", "llama", "model.onnx");
    put("int8/model.onnx", "both/model_quantized.onnx");
    Path both = folder.resolve("both");
    Cli run = Cli.fine("models pair " + both + " --draft model_quantized.onnx");
    assertTrue(run.err().contains("model.onnx is taken"), run.err());
    JsonNode pair = pair("both");
    assertEquals("model.onnx", pair.at("/target/file").textValue());
    assertEquals("both-model_quantized", pair.at("/drafts/0/name").textValue());
    Cli.fine("inspect " + both);
  }

  // What the hub calls model_quantized.onnx, alone: a target whose replay is approximate, for which
  // prompt lookup drafts.
  @Test
  void aQuantisedTargetAloneRunsWithPromptLookup() throws Exception {
    download("alone", "int8-outliers", "model_quantized.onnx");
    Path alone = folder.resolve("alone");
    Cli.fine("models pair " + alone);
    String inspected = Cli.fine("inspect " + alone).out();
    assertTrue(inspected.contains("runs approximately"), inspected);
    assertTrue(inspected.contains("activations are quantised in each pass"), inspected);
    Cli.fine("generate --models " + alone + " --prompt a,b,a,b --max-new-tokens 4 --rounds 0");
  }

  @Test
  void weightsBesideTheFileArePinnedToo() throws Exception {
    download("large", "external", "model.onnx");
    put("external/model.onnx_data", "large/model.onnx_data");
    Path large = folder.resolve("large");
    Cli.fine("models pair " + large);
    assertTrue(pair("large").get("otherFiles").toString().contains("model.onnx_data"));
    Cli.fine("inspect " + large);
    Files.delete(large.resolve("model.onnx_data"));
    String gone = refused(1, "models pair " + large + " --force");
    assertTrue(gone.endsWith("which is not beside it; fetch that file too"), gone);
  }

  @Test
  void whatOnnxruntimeGenaiWritesIsRead() throws Exception {
    put("gqa/model.onnx", "genai/model.onnx");
    put("draft/tokenizer.json", "genai/tokenizer.json");
    write("genai/genai_config.json", "{\"model\":{\"context_length\":64,\"eos_token_id\":[2]}}");
    Cli.fine("models pair " + folder.resolve("genai"));
    assertEquals("[2]", pair("genai").get("endTokens").toString());
    Cli.fine("inspect " + folder.resolve("genai"));
  }

  @Test
  void whatIsMissingIsNamedAndNothingIsWritten() throws Exception {
    Path bare = folder.resolve("bare");
    Files.createDirectories(bare);
    String line = "models pair " + bare;
    assertTrue(refused(1, line).contains(" holds no .onnx file; export the model with scripts/"));
    write("bare/weights.gguf", "GGUF");
    assertTrue(refused(1, line).contains(" is a model in GGUF; export it with scripts/"));
    put("llama/model.onnx", "bare/a.onnx");
    put("gpt2/model.onnx", "bare/b.onnx");
    assertTrue(refused(1, line).endsWith(" holds a.onnx, b.onnx; name one of them"));
    String one = line + " --target a.onnx";
    assertTrue(refused(1, one).contains(" holds no tokenizer.json, which says what tokens are"));
    put("draft/tokenizer.json", "bare/tokenizer.json");
    assertTrue(refused(1, one).contains(" says nowhere which token ends a text"));
    write("bare/config.json", "{\"eos_token_id\": 0}");
    assertTrue(refused(1, one).contains(" says nowhere how long a text may be"));
    assertTrue(refused(1, line + " --target c.onnx").contains("c.onnx does not exist; name a fol"));
    assertFalse(Files.exists(bare.resolve("pair.json")));
    write("bare/config.json", "{\"eos_token_id\": 0, \"n_ctx\": 64}");
    assertTrue(refused(1, one + " --draft a.onnx").contains(" is a model of the pair already"));
    Cli.fine(one);
  }

  @Test
  void anotherTokenizerIsToldBeforeAnythingIsWritten() throws Exception {
    download("big", "llama", "model.onnx");
    download("small", "gpt2", "model.onnx");
    Path own = folder.resolve("small/tokenizer.json");
    Files.writeString(own, Files.readString(own).replace("<|im_start|>", "<|other|>"));
    Path mine = folder.resolve("mine");
    String line = "models pair " + mine + " --target " + folder.resolve("big");
    String message = refused(1, line + " --draft " + folder.resolve("small"));
    assertTrue(message.contains("model 'small' has another tokenizer than the pair"), message);
    assertFalse(Files.exists(mine));
  }
}
