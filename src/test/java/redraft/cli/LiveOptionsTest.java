package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.model.onnx.Exports;

/** The options that commands with models share. */
class LiveOptionsTest {
  private static final String PAIR = Exports.directory("qwen2").toString();
  private static final String PROMPTS =
      """
      {"id":"a","domain":"sea","prompt":"the ferry"}
      {"id":"b","domain":"sea","prompt":"the tide"}
      """;

  @TempDir Path folder;

  private static Cli runWithPrompts(String line) {
    InputStream before = System.in;
    try {
      System.setIn(new ByteArrayInputStream(PROMPTS.getBytes(StandardCharsets.UTF_8)));
      return Cli.run(line.replace("PAIR", PAIR).split(" "));
    } finally {
      System.setIn(before);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "generate", "record", "validate", "profile"})
  void everyLiveCommandNamesModelsAlike(String command) {
    String help = Cli.run(command, "--help").out();
    for (String option :
        List.of("--models=DIR", "--threads=N", "--draft-threads=N", "--verify-hashes")) {
      assertTrue(help.contains(option), option);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "generate, fixed",
    "generate, prompt-lookup",
    "demo, greedy-draft",
    "validate, block"
  })
  void namesAreListedFromTheRegistries(String command, String name) {
    assertTrue(Cli.run(command, "--help").out().contains(name));
  }

  @Test
  void theOracleIsNotOfferedToLiveDecoding() {
    assertTrue(!Cli.run("generate", "--help").out().contains("oracle"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "generate --prompt x --temperature 0,1    | --temperature: this command takes one, not 2",
        "generate --prompt x --rule token,block   | --rule: this command takes one, not 2",
        "generate --prompt x --rounds -1          | --rounds -1 must be at least 0",
        "generate --prompt x --prompts y          | mutually exclusive",
        "generate                                 | Missing required argument",
        "record --limit 0 --out x.jsonl           | --limit 0 must be at least 1",
        "generate --prompt x --draft-length -1    | '-1' is no draft length",
        "demo --draft-length 9                    | draft length 9 must be from 1 to 8",
        "demo --samples 0                         | --samples 0 must be at least 1",
        "validate --draft-length 0                | --draft-length 0 is plain decoding",
        "profile --rounds 1 --out x.json          | --rounds 1 must be at least 2",
        "record --top-logits 0 --out x.jsonl      | --top-logits 0 must be at least 1"
      })
  void whatACommandDoesNotTakeIsRefusedInOneLine(String line, String said) {
    Cli run = Cli.run(line.split(" "));
    assertEquals(2, run.exit(), run.err());
    assertTrue(run.err().startsWith("redraft: ") && run.err().contains(said), run.err());
  }

  @Test
  void aDraftThatNeedsNoModelIsNamedLikeOne() throws Exception {
    Path json = folder.resolve("g.json");
    Cli run =
        Cli.run(
            "generate",
            "--models",
            PAIR,
            "--prompt",
            "the ferry the ferry",
            "--draft",
            "prompt-lookup",
            "--max-new-tokens",
            "6",
            "--rounds",
            "1",
            "--json",
            json.toString());
    assertEquals(0, run.exit(), run.err());
    assertTrue(run.out().contains("tokens per step"), run.out());
    assertEquals(6, new ObjectMapper().readTree(json.toFile()).get("tokens").asInt());
  }

  @Test
  void promptsComeFromStandardInput() {
    Path trace = folder.resolve("t.jsonl");
    Cli run = runWithPrompts("record --models PAIR --prompts - --max-new-tokens 3 --out " + trace);
    assertEquals(0, run.exit(), run.err());
    assertTrue(run.out().startsWith("2 sequences, "), run.out());
  }

  @Test
  void everyPromptOfAFileIsContinuedUnderItsIdAndWithNoRoundsNothingIsTimed() throws Exception {
    String line = "generate --models PAIR --prompts - --max-new-tokens 4 --rounds 0";
    Cli run = runWithPrompts(line);
    assertEquals(0, run.exit(), run.err());
    assertTrue(run.out().startsWith("[a]") && run.out().contains("\n[b]"), run.out());
    assertTrue(run.out().contains("tokens per step") && !run.out().contains("speedup"), run.out());
    JsonNode json = new ObjectMapper().readTree(runWithPrompts(line + " --json").out());
    assertEquals("b", json.get(1).get("id").asText());
    assertTrue(json.get(1).get("speedup").isNull());
    // the same text as when it is timed
    JsonNode timed =
        new ObjectMapper()
            .readTree(runWithPrompts(line.replace("rounds 0", "rounds 1 --json")).out());
    assertEquals(json.get(0).get("text"), timed.get(0).get("text"));
    double speedup = timed.get(0).get("speedup").asDouble();
    assertTrue(speedup > 0);
    for (String quartile : List.of("speedup_quartile_low", "speedup_quartile_high")) {
      assertEquals(speedup, timed.get(0).get(quartile).asDouble(), 1e-12); // of one round
    }
    assertTrue(timed.get(0).has("unreliable"));
  }

  @Test
  void theDemoDecodesRecordsAndReplays() {
    Cli run =
        runWithPrompts(
            "demo --models PAIR --prompts - --live-prompts 1 --max-new-tokens 6 --out " + folder);
    assertEquals(0, run.exit(), run.err());
    assertTrue(
        run.out()
            .startsWith("Live, draft length 2, temperature 1.0: accepted  [recovered]  {bonus}"),
        run.out());
    for (String said :
        List.of(
            "sea: ",
            "Cost  ",
            "Acceptance  ",
            "(1 prompts, in turns",
            "quartiles over prompts",
            "Best  ")) {
      assertTrue(run.out().contains(said), run.out());
    }
    for (String file : List.of("demo.jsonl.gz", "replay.csv", "speedup-by-draft-length.png")) {
      assertTrue(Files.exists(folder.resolve(file)), file);
    }
  }
}
