package redraft.model.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.model.Tokenizer;

class DjlTokenizerTest {
  @Test
  void templatedTextGetsNoSecondBeginning(@TempDir Path folder) throws Exception {
    // A post-processor that puts token 0 before every text, as Llama's does.
    String text = Files.readString(Exports.DIRECTORY.resolve("draft/tokenizer.json"));
    Path file = folder.resolve("bos.json");
    Files.writeString(
        file,
        text.replaceFirst(
            "\"post_processor\": null",
            "\"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\":"
                + " \"<|end|>\", \"type_id\": 0}}, {\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}], \"pair\": [],"
                + " \"special_tokens\": {\"<|end|>\": {\"id\": \"<|end|>\", \"ids\": [0], \"tokens\":"
                + " [\"<|end|>\"]}}}"));
    try (DjlTokenizer tokenizer = new DjlTokenizer(file);
        Tokenizer plain = tokenizer.withoutAddedTokens()) {
      int[] with = tokenizer.encode("ferry");
      int[] without = plain.encode("ferry");
      assertEquals(0, with[0]);
      assertEquals(
          Arrays.toString(without), Arrays.toString(Arrays.copyOfRange(with, 1, with.length)));
    }
  }
}
