package redraft.model.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.model.hub.PairCatalogue.ModelSource;
import redraft.model.hub.PairCatalogue.Pair;
import redraft.model.hub.PairCatalogue.TokenizerSource;

class PairCatalogueTest {
  @TempDir Path folder;

  @Test
  void everyShippedPairSaysWhatItIsAndHowSureThatIs() throws IOException {
    PairCatalogue catalogue = PairCatalogue.shipped();
    assertTrue(catalogue.pairs().size() >= 4, catalogue.names());
    for (Pair pair : catalogue.pairs()) {
      assertTrue(pair.confidence().contains("recalled"), pair.name());
      assertTrue(pair.licence().matches("[A-Za-z0-9. -]+"), pair.name());
      assertTrue(!pair.drafts().isEmpty() && pair.bytes() > 0, pair.name());
      for (ModelSource draft : pair.drafts()) {
        assertTrue(draft.parameters() < pair.target().parameters(), draft.name());
        assertEquals(4 * draft.parameters(), draft.bytes(), "fp32");
      }
    }
  }

  @Test
  void whatIsNotSaidHasTheNameThatTransformersGivesIt() throws IOException {
    Pair pair =
        read("{\"pairs\":[{\"name\":\"p\",\"target\":{\"name\":\"t\",\"repository\":\"a/b\",\"onnx\":\"m.onnx\"}}]}")
            .named("p");
    assertEquals(
        new ModelSource(
            "t", "a/b", "main", "m.onnx", "config.json", "generation_config.json", 0, 0),
        pair.target());
    assertEquals(
        new TokenizerSource("a/b", "main", "tokenizer.json", "tokenizer_config.json"),
        pair.tokenizer());
    assertEquals(0, pair.bytes(), "not known");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                                  | \"pairs\" is missing",
        "{\"pairs\":[]}                                      | \"pairs\" is [], not a list of at least one pair",
        "{\"pairs\":[null]}                                  | \"pairs[0]\" is null, not an object",
        "{\"pairs\":[{\"name\":\"p\"}]}                      | \"pairs[0].target\" is missing",
        "{\"pairs\":[{\"name\":\"../p\",\"target\":T}]}      | \"pairs[0].name\" is \"../p\", which must be letters",
        "{\"pairs\":[{\"name\":\"p\",\"target\":T,\"drafts\":[T]}]} | \"pairs[0].drafts[0].name\" is \"t\", which another one beside it has",
        "{\"pairs\":[{\"name\":\"p\",\"target\":T,\"drafts\":[null]}]} | \"pairs[0].drafts[0]\" is null, not an object",
        "{\"pairs\":[{\"name\":\"p\",\"target\":T},{\"name\":\"p\",\"target\":T}]} | \"pairs[1].name\" is \"p\", which another one beside it has",
        "{\"pairs\":[{\"name\":\"p\",\"target\":T,\"draft\":[]}]} | \"pairs[0].draft\" is no field of this file",
        "{\"pairs\":[{\"name\":\"p\",\"target\":{\"name\":\"t\",\"repository\":\"a/b/c\",\"onnx\":\"m\"}}]} | \"pairs[0].target.repository\" is \"a/b/c\", not OWNER/NAME",
        "{\"pairs\":[{\"name\":\"p\",\"target\":{\"name\":\"t\",\"repository\":\"a/b\",\"onnx\":\"../m\"}}]} | \"pairs[0].target.onnx\" is \"../m\", not the path of a file",
        "{\"pairs\":[{\"name\":\"p\",\"target\":{\"name\":\"t\",\"repository\":\"a/b\",\"onnx\":\"m/\"}}]} | \"pairs[0].target.onnx\" is \"m/\", not the path of a file",
        "{\"pairs\":[{\"name\":\"p\",\"target\":{\"name\":\"t\",\"repository\":\"a/b\"}}]} | \"pairs[0].target.onnx\" is missing",
        "{\"pairs\":[{\"name\":\"p\",\"target\":{\"name\":\"t\",\"repository\":\"a/b\",\"onnx\":\"m\",\"bytes\":1.5}}]} | \"pairs[0].target.bytes\" is 1.5, not a whole number",
        "{\"pairs\":[{\"name\":\"p\",\"target\":{\"name\":\"..\",\"repository\":\"a/b\",\"onnx\":\"m\"}}]} | \"pairs[0].target.name\" is \"..\", which must be",
        "{\"pairs\"                                          | :1: not valid JSON: the file ends within the object"
      })
  void aCatalogueThatIsWrongIsRefusedInOneLine(String text, String said) {
    String target = "{\"name\":\"t\",\"repository\":\"a/b\",\"onnx\":\"m.onnx\"}";
    String message =
        assertThrows(IllegalArgumentException.class, () -> read(text.replace("T", target)))
            .getMessage();
    assertTrue(message.contains(said), message);
    assertTrue(message.startsWith(folder.resolve("c.json").toString()), message);
    assertEquals(1, message.lines().count(), message);
  }

  private PairCatalogue read(String text) throws IOException {
    return PairCatalogue.read(Files.writeString(folder.resolve("c.json"), text));
  }
}
