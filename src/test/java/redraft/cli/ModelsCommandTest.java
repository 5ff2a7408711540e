package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.model.hub.DemoRepositories;
import redraft.model.hub.HubServer;

/** The command line; what pulling does is tested beside it. */
class ModelsCommandTest {
  @TempDir Path folder;

  @Test
  void listShowsModelsSizesLicencesAndConfidence() {
    Cli run = Cli.run("models", "list");
    assertEquals(0, run.exit(), run.err());
    assertTrue(
        run.out().lines().anyMatch(line -> line.matches("distilgpt2 +draft +81912576 +328 .*")),
        run.out());
    assertTrue(run.out().contains("qwen2.5-instruct): parameters recalled"), run.out());
  }

  @Test
  void listPrintsJsonWithEveryFileNameWhichIsACatalogueAgain() throws IOException {
    String printed = Cli.run("models", "list", "--json").out();
    JsonNode gpt2 = new JsonMapper().readTree(printed).get("pairs").get(0);
    assertEquals("gpt2", gpt2.get("name").asText());
    assertEquals("generation_config.json", gpt2.get("target").get("generationConfig").asText());
    assertEquals("tokenizer.json", gpt2.get("tokenizer").get("file").asText());
    Path file = Files.writeString(folder.resolve("printed.json"), printed);
    assertEquals(
        printed, Cli.run("models", "list", "--json", "--catalogue", file.toString()).out());
  }

  @Test
  void listReadsACatalogueOfYourOwn() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("pairs.json"),
            "{\"pairs\":[{\"name\":\"mine\",\"target\":{\"name\":\"t\",\"repository\":\"a/b\",\"onnx\":\"m.onnx\"}}]}");
    Cli run = Cli.run("models", "list", "--catalogue", file.toString());
    assertEquals(0, run.exit(), run.err());
    assertTrue(run.out().contains("mine"), run.out());
    assertFalse(run.out().contains("gpt2"), run.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "models             | say what: models list, models pair DIR, or models pull NAME, NAME being one of gpt2, pythia",
        "models pull        | name a pair: gpt2, pythia",
        "models pull llama  | no pair 'llama' in the catalogue; it has gpt2, pythia",
        "models push gpt2   | push",
        "models pull gpt2 --to D --endpoint hub | 'hub' is no address of a hub, such as https://huggingface.co"
      })
  void wrongUsageNamesThePairs(String line, String said) {
    Cli run = Cli.run(line.replace(" D", " " + folder.resolve("d")).split(" "));
    assertEquals(2, run.exit(), run.err());
    assertTrue(run.err().startsWith("redraft: ") && run.err().contains(said), run.err());
    assertEquals("", run.out());
  }

  @ParameterizedTest
  @CsvSource({"models --help", "models list --help", "models pull --help"})
  void helpHasExamples(String line) {
    Cli run = Cli.run(line.split(" "));
    assertEquals(0, run.exit());
    assertTrue(run.out().contains("Example"), run.out());
  }

  @Test
  void aPulledPairGenerates() throws IOException {
    Path hub = folder.resolve("hub");
    String catalogue = DemoRepositories.ofShippedPair(hub).toString();
    String to = folder.resolve("pulled").toString();
    try (HubServer server = new HubServer(hub, 0)) {
      String[] pull = {
        "models",
        "pull",
        "demo",
        "--catalogue",
        catalogue,
        "--to",
        to,
        "--endpoint",
        server.endpoint()
      };
      server.token = "hf_right"; // the environment of tests has none, or another
      Cli gated = Cli.run(pull);
      assertEquals(1, gated.exit());
      assertEquals(1, gated.err().lines().count(), gated.err());
      assertTrue(
          gated.err().startsWith("redraft: tokenizer.json of demo/tiny-target: "), gated.err());
      assertTrue(gated.err().contains("access is not granted"), gated.err());

      server.token = null;
      Cli pulled = Cli.run(pull);
      assertEquals(0, pulled.exit(), pulled.err());
      assertEquals("demo: 7 files, 16.1 MB, checked and pinned: " + to, pulled.out().strip());
      assertTrue(Cli.run(pull).out().contains("nothing to pull"));
    }
    Cli generated =
        Cli.run("generate", "--models", to, "--prompt", "<|drama|>", "--max-new-tokens", "8");
    assertEquals(0, generated.exit(), generated.err());
  }

  @Test
  void aMissingCatalogueIsNamed() {
    Cli run = Cli.run("models", "pull", "x", "--catalogue", "nowhere.json");
    assertEquals(1, run.exit());
    assertEquals(List.of("redraft: file nowhere.json does not exist"), run.err().lines().toList());
  }
}
