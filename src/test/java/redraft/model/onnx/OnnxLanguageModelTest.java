package redraft.model.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelException;
import redraft.model.ModelSession;

class OnnxLanguageModelTest {
  /** Random tokens that fill most of the context. */
  private static final int[] TOKENS = new SplittableRandom(1).ints(500, 5, 2048).toArray();

  private static List<LanguageModel> models() {
    OnnxPair pair = ShippedPair.get();
    return List.of(pair.target(), pair.drafts().get(0));
  }

  private static float[][] score(ModelSession session, int[] tokens, int count, int rows) {
    List<float[]> result = new ArrayList<>();
    for (int from = 0; from < count; from += rows) {
      add(result, session.forward(tokens, from, Math.min(count, from + rows)));
    }
    return result.toArray(float[][]::new);
  }

  private static void add(List<float[]> result, Logits logits) {
    for (int row = 0; row < logits.rows(); row++) {
      FloatBuffer values = logits.row(row);
      float[] copy = new float[values.limit()];
      values.get(0, copy);
      result.add(copy);
    }
  }

  @Test
  void logitsAreThoseOfPyTorch() throws Exception {
    JsonNode check =
        new ObjectMapper().readTree(ShippedPair.DIRECTORY.resolve("logits-check.json").toFile());
    int[] tokens = new ObjectMapper().convertValue(check.get("tokens"), int[].class);
    for (int m = 0; m < 2; m++) {
      JsonNode expected = check.get("models").get(m);
      int every = expected.get("everyNthToken").asInt();
      try (ModelSession session = models().get(m).open()) {
        float[][] actual = score(session, tokens, tokens.length, 7);
        int compared = 0;
        for (int row = 0; row < tokens.length; row++) {
          for (int i = 0; i < expected.get("logits").get(row).size(); i++, compared++) {
            assertEquals(
                expected.get("logits").get(row).get(i).asDouble(), actual[row][i * every], 1e-4);
          }
        }
        assertTrue(compared > 1000, "compared " + compared);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 9, 16, 33})
  void logitsDoNotDependOnHowRowsAreGrouped(int rows) {
    for (LanguageModel model : models()) {
      try (ModelSession whole = model.open();
          ModelSession grouped = model.open()) {
        float[][] expected = score(whole, TOKENS, TOKENS.length, ModelSession.MAX_ROWS);
        float[][] actual = score(grouped, TOKENS, TOKENS.length, rows);
        for (int row = 0; row < expected.length; row++) {
          org.junit.jupiter.api.Assertions.assertArrayEquals(
              expected[row], actual[row], 0f, model.name() + " row " + row);
        }
      }
    }
  }

  @Test
  void aRollbackLeavesNoTrace() {
    for (LanguageModel model : models()) {
      try (ModelSession straight = model.open();
          ModelSession wandering = model.open()) {
        float[][] expected = score(straight, TOKENS, 60, 5);
        List<float[]> actual = new ArrayList<>();
        int[] wrong = new SplittableRandom(2).ints(20, 5, 2048).toArray();
        for (int from = 0; from < 60; from += 5) {
          wandering.forward(wrong, 0, 1 + from % 7);
          wandering.rollback(from);
          add(actual, wandering.forward(TOKENS, from, from + 5));
        }
        for (int row = 0; row < expected.length; row++) {
          org.junit.jupiter.api.Assertions.assertArrayEquals(expected[row], actual.get(row), 0f);
        }
      }
    }
  }

  @Test
  void moreTokensThanTheContextHoldsAreRefused() {
    LanguageModel model = models().get(0);
    try (ModelSession session = model.open()) {
      session.prefill(TOKENS, 0, 500);
      ModelException refused =
          assertThrows(ModelException.class, () -> session.forward(TOKENS, 0, 13));
      assertEquals(
          "513 tokens do not fit into the context of model '" + model.name() + "', 512",
          refused.getMessage());
      session.forward(TOKENS, 0, 12); // to the last place
    }
  }

  @Test
  void aTokenOutsideTheVocabularyIsRefused() {
    try (ModelSession session = models().get(0).open()) {
      ModelException refused =
          assertThrows(ModelException.class, () -> session.forward(new int[] {2048}, 0, 1));
      assertTrue(
          refused.getMessage().startsWith("token 2048 is not in the vocabulary"),
          refused.getMessage());
    }
  }

  @Test
  void aFileThatIsNoModelIsNamed(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("broken.onnx"), "not a model");
    ModelException refused =
        assertThrows(
            ModelException.class,
            () -> new OnnxLanguageModel(file, "broken", 8, new OnnxOptions(1, true)));
    assertTrue(
        refused.getMessage().startsWith("model file " + file + " is no ONNX file"),
        refused.getMessage());
    assertEquals(1, refused.getMessage().lines().count());
  }
}
