package redraft.hardware;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Heads, mixtures of experts, names and files of model sizes. */
class ModelShapeTest {
  @TempDir Path folder;

  private static ModelShape model(String name) throws Exception {
    return HardwareCatalogue.model(name);
  }

  // arXiv:2505.19645; 128 · (1 − (15/16)ⁿ)
  @ParameterizedTest
  @CsvSource({"1, 8", "2, 15.5", "3, 22.5", "5, 35.3", "9, 56.4", "16, 82.4"})
  void tokensVisitFewerDistinctExpertsTheMoreTheyAre(int tokens, double distinct) {
    ModelShape.Experts experts = new ModelShape.Experts(128, 8, 0, 768, 0);
    assertEquals(distinct, experts.distinct(tokens), .05);
  }

  // h = 4096. Queries and output 2 · 4096 · 4096, keys and values 2 · 4096 · 1024, feed-forward
  // 3 · 4096 · 14336.
  @Test
  void anEagleHeadIsALayerAndAFusionAndReadsTheTargetsProjection() throws Exception {
    ModelShape head = model("eagle-llama-3.1-8b");
    double layer = 33_554_432 + 8_388_608 + 176_160_768;
    double fusion = 2 * 4096.0 * 4096;
    assertEquals(layer, head.layerWeights());
    assertEquals(layer + fusion, head.parameters());
    assertEquals(layer + fusion + 4096.0 * 128_256, head.passWeights());
    assertEquals(2 * 2 * 8 * 128, head.kvBytesPerToken());
    assertEquals("derived", head.source().confidence());
  }

  @Test
  void anEagle3HeadReadsTwiceTheWidthAndHasItsOwnVocabulary() throws Exception {
    ModelShape head = model("eagle3-llama-3.1-8b");
    double attention = 2 * (16_777_216 + 8_388_608) + 16_777_216;
    double layer = attention + 176_160_768;
    double fusion = 3 * 4096.0 * 4096;
    assertEquals(layer, head.layerWeights());
    assertEquals(layer + fusion + 4096.0 * 32_000, head.passWeights());
    assertEquals(head.passWeights(), head.parameters());
    assertEquals(32_000, head.vocabulary().size());
  }

  // The published module adds 11.6 billion parameters to the model's 671 (arXiv:2412.19437 counts
  // 14 with the embeddings and the projection that it shares).
  @Test
  void anMtpHeadHasTheExpertsOfTheLastLayer() throws Exception {
    ModelShape head = model("mtp-deepseek-v3");
    assertEquals(1, head.layers().withExperts());
    assertEquals(11.6e9, head.parameters(), .05e9);
    assertEquals(2 * (512 + 64), head.kvBytesPerToken());
  }

  @Test
  void medusaHasFiveHeadsOfABlockAndAProjection() throws Exception {
    ModelShape heads = model("medusa-vicuna-7b");
    assertTrue(heads.parallelDraft());
    assertFalse(model("eagle-vicuna-7b").parallelDraft());
    assertEquals(5 * (4096.0 * 4096 + 4096.0 * 32_000), heads.parameters());
    assertEquals(0, heads.kvBytesPerToken());
  }

  @Test
  void anEagleHeadOfAMixtureIsAsWideAsTheExpertsThatATokenVisits() throws Exception {
    ModelShape head = model("eagle-mixtral-8x7b");
    assertNull(head.layers().experts());
    assertEquals(2 * 14_336, head.layers().feedForward().width());
  }

  @Test
  void aListedHeadWins() throws Exception {
    assertEquals(6144, model("eagle3-llama-3.3-70b-instruct").layers().hidden());
    assertEquals(8192, model("eagle3-llama-3.1-70b").layers().hidden());
  }

  @ParameterizedTest
  @CsvSource({
    "eagle2-llama-3.1-8b, eagle-llama-3.1-8b",
    "eagle3-qwen2.5-7b, eagle3-qwen2.5-7b",
    "eagle3-Qwen3-8B, eagle3-qwen3-8b",
    "Llama-3.1-8B-Instruct, llama-3.1-8b",
    "eagle3-llama-3.1-8b-instruct, eagle3-llama-3.1-8b",
    "llama-2-7b-chat-hf, llama-2-7b",
    "gemma-3-27b-it, gemma-3-27b",
    "qwen3-30b-a3b-instruct-2507, qwen3-30b-a3b",
    "deepseek-r1, deepseek-v3",
    "t5-base, t5-base"
  })
  void namesAreFoundAsPeopleWriteThem(String written, String name) throws Exception {
    assertEquals(name, model(written).name());
  }

  @Test
  void unknownTargetsAndHeadsOfHeadsAreRefused() {
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> model("eagle3-llama-9"))
            .getMessage()
            .startsWith("no model size and no file is called 'eagle3-llama-9'; known are "));
    assertEquals(
        "'mtp-eagle-llama-3.1-8b' would be a head of a head; name the target behind mtp-",
        assertThrows(IllegalArgumentException.class, () -> model("mtp-eagle-llama-3.1-8b"))
            .getMessage());
  }

  // Published: 3.3 billion of 30.5 are active, 22 of 235, 37 of 671, 12.9 of 46.7, 17 of Llama 4,
  // 5.1 of 117; they count a token's experts, and the embeddings where they are not tied.
  @ParameterizedTest
  @CsvSource({
    "qwen3-30b-a3b, 3.3",
    "qwen3-235b-a22b, 22",
    "deepseek-v3, 37",
    "mixtral-8x7b, 12.9",
    "llama-4-scout, 17",
    "llama-4-maverick, 17",
    "gpt-oss-120b, 5.1"
  })
  void aTokenVisitsAsManyParametersAsPublished(String name, double billions) throws Exception {
    ModelShape shape = model(name);
    double lower = shape.passWeights() / 1e9;
    double upper = lower + shape.projectionWeights() / 1e9;
    assertTrue(
        lower <= billions * 1.03 && upper >= billions * .97, name + " " + lower + " to " + upper);
  }

  @Test
  void aFileMayHaveExpertsAnOwnCacheOrAHead() throws Exception {
    Path file = folder.resolve("mine.json");
    Files.writeString(
        file,
        """
        {"name":"mine","title":"Mine","layers":3,"hidden":10,"heads":1,"kvHeads":1,"headSize":10,
         "gatedFeedForward":true,"experts":{"count":4,"active":2,"width":5},"kvBytesPerToken":30,
         "vocabulary":100,"parameters":5000,"source":"s","date":"2026","confidence":"measured"}
        """);
    ModelShape mine = model(file.toString());
    assertEquals(30, mine.kvBytesPerToken());
    assertEquals(3 * (400 + 40 + 2 * 150) + 1000, mine.passWeights());
    assertEquals(10, mine.layers().feedForward().width()); // two experts of 5
    assertEquals("mtp-mine", model("mtp-" + file).name());
    Path head = folder.resolve("head.json");
    Files.writeString(
        head,
        """
        {"name":"head","title":"Head","head":{"kind":"medusa","count":3},"hidden":10,"vocabulary":100,
         "parameters":3300,"source":"s","date":"2026","confidence":"measured"}
        """);
    assertEquals(3300, model(head.toString()).passWeights());
    assertEquals(3300, model(head.toString()).countedParameters());
  }

  @Test
  void mistakesInExpertsAndHeadsAreSaidAtOnce() throws Exception {
    Path file = folder.resolve("wrong.json");
    Files.writeString(
        file,
        """
        {"name":"w","title":"W","layers":2,"hidden":10,"heads":1,"kvHeads":1,"headSize":10,"feedForward":5,
         "head":{"kind":"lookahead"},"experts":{"count":4,"active":5,"width":5,"denseLayers":2},
         "vocabulary":100,"parameters":5000,"source":"s","date":"2026","confidence":"measured"}
        """);
    assertEquals(
        file
            + ": \"head.kind\" is \"lookahead\", not eagle or eagle3 or mtp or medusa; "
            + "\"experts.active\" is 5, more than there are experts, 4; "
            + "\"experts.denseLayers\" is 2, not fewer than all 2 layers",
        assertThrows(IllegalArgumentException.class, () -> model(file.toString())).getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "bf16, BF16",
    "fp16, BF16",
    "bfloat16, BF16",
    "fp8_e4m3, FP8",
    "q8_0, INT8",
    "Q4_K_M, INT4",
    "awq, INT4",
    "mxfp4, INT4"
  })
  void precisionsHaveTheWordsOfEnginesAndFiles(String word, Precision precision) {
    assertEquals(precision, Precision.named(word));
  }
}
