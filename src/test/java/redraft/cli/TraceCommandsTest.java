package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.model.onnx.ShippedPair;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;

class TraceCommandsTest {
  @TempDir Path directory;

  private Path trace() throws IOException {
    return SampleTraces.write(
        directory.resolve("t.jsonl"),
        SampleTraces.header(LogitDetail.TOP),
        SampleTraces.sequences(5, LogitDetail.TOP, 1));
  }

  @Test
  void inspectSaysWhatATraceHolds() throws IOException {
    Cli run = Cli.run("inspect", trace().toString());
    assertEquals(0, run.exit(), run.err());
    assertTrue(run.out().contains("complete"), run.out());
    assertTrue(run.out().contains("5 of 3 prompts"), run.out());
    assertTrue(run.out().contains("drama: 2 sequences"), run.out());
    assertTrue(run.out().contains("large, 7,000,000,000 parameters"), run.out());
    assertTrue(run.out().contains("temperature 0.7, top-k 20, top-p 0.95, seed -3"), run.out());
    assertTrue(run.out().contains("top, 3 at a position"), run.out());
  }

  /** Tokens per step need no price, and are those of a replay that has one. */
  @Test
  void replayCountsStepsWhereNothingPricesThem() throws IOException {
    String line = "replay " + trace() + " --draft-length 1..3";
    JsonNode counted = Cli.json(line);
    JsonNode priced = Cli.json(line + " --cost-ratio 0.1");
    assertEquals(priced.size(), counted.size());
    for (int i = 0; i < counted.size(); i++) {
      for (String same : List.of("tokens_per_step", "tokens_per_step_low", "steps", "drafted")) {
        assertEquals(priced.get(i).get(same), counted.get(i).get(same), same);
      }
      for (Map.Entry<String, JsonNode> field : counted.get(i).properties()) {
        assertTrue(
            !field.getKey().contains("speedup") || field.getValue().isNull(), field.getKey());
      }
    }
    Cli table = Cli.fine(line);
    assertFalse(table.out().contains("speedup"), table.out());
    assertTrue(table.err().contains("for a speedup name --cost-ratio"), table.err());
    assertEquals(2, Cli.run((line + " --batch 4").split(" ")).exit());
  }

  @Test
  void inspectPrintsJson() throws IOException {
    JsonNode json =
        new JsonMapper().readTree(Cli.run("inspect", "--json", trace().toString()).out());
    assertEquals(5, json.get("sequences").asLong());
    assertTrue(json.get("complete").asBoolean());
    assertEquals(3, json.get("domains").get("maths").get("sequences").asLong());
    assertEquals("small", json.get("drafts").get(0).get("name").asText());
    assertEquals(
        5, json.get("finish").get("eos").asLong() + json.get("finish").get("length").asLong());
    double overlap = json.get("drafts").get(0).get("overlap").asDouble();
    assertTrue(overlap > 0 && overlap < 1);
    assertTrue(json.get("drafts").get(0).get("accept_length").isNull());
  }

  @Test
  void inspectNamesEverythingInSnakeCase() throws IOException {
    String trace = Cli.run("inspect", trace().toString(), "--json").out();
    String models = Cli.run("inspect", ShippedPair.DIRECTORY.toString(), "--json").out();
    for (String json : List.of(trace, models)) {
      new JsonMapper()
          .readTree(json)
          .findParents("name")
          .forEach(object -> object.fieldNames().forEachRemaining(TraceCommandsTest::assertSnake));
      new JsonMapper().readTree(json).fieldNames().forEachRemaining(TraceCommandsTest::assertSnake);
    }
    assertTrue(trace.contains("\"top_k\"") && trace.contains("\"vocabulary_size\""), trace);
    assertTrue(models.contains("\"end_tokens\""), models);
  }

  private static void assertSnake(String name) {
    assertTrue(name.matches("[a-z0-9]+(_[a-z0-9]+)*"), name);
  }

  @Test
  void inspectWritesJsonBesideTheText() throws IOException {
    Path json = directory.resolve("new/t.json");
    Cli run = Cli.run("inspect", trace().toString(), "--json", json.toString());
    assertEquals(0, run.exit(), run.err());
    assertTrue(run.out().contains("5 of 3 prompts"), run.out());
    assertEquals(5, new JsonMapper().readTree(json.toFile()).get("sequences").asLong());
  }

  @Test
  void inspectReadsStandardInputAndNamesAddresses() throws IOException {
    String text = Files.readString(trace());
    Cli piped = runWithInput(text, "inspect", "-");
    assertEquals(0, piped.exit(), piped.err());
    assertTrue(piped.out().startsWith("trace          standard input, version 1"), piped.out());
    Cli wrong = runWithInput(text.replace("\"seed\":-3", "\"seed\":-4"), "inspect", "-");
    assertTrue(wrong.err().startsWith("redraft: standard input:7: "), wrong.err());
    Cli address = Cli.run("inspect", "https://example.org/t.jsonl");
    assertEquals(2, address.exit());
    assertEquals(1, address.err().lines().count());
    assertTrue(address.err().contains("https://example.org/t.jsonl cannot be read: only files"));
  }

  @Test
  void inspectSaysHowMuchOfACutTraceIsLeft() throws IOException {
    byte[] bytes = Files.readAllBytes(trace());
    Path cut = directory.resolve("cut.jsonl");
    Files.write(cut, Arrays.copyOf(bytes, bytes.length - 10));
    Cli run = Cli.run("inspect", cut.toString());
    assertEquals(0, run.exit());
    assertTrue(run.out().contains("cut: no footer; its 5 complete sequences"), run.out());
  }

  @Test
  void inspectSaysWhatIsWrong() throws IOException {
    Path file = trace();
    Files.writeString(file, Files.readString(file).replace("\"seed\":-3", "\"seed\":-4"));
    Cli run = Cli.run("inspect", file.toString());
    assertEquals(1, run.exit());
    assertEquals("", run.out());
    assertTrue(
        run.err().startsWith("redraft: t.jsonl:7: \"sha256\" is not that of the lines above"),
        run.err());
    assertEquals(1, run.err().lines().count());
  }

  @Test
  void importWritesATraceThatInspectReads() throws IOException {
    Path file = directory.resolve("talk.jsonl");
    Files.writeString(
        file,
        "{\"id\":\"a\",\"prompt_token_ids\":[1],\"generated_token_ids\":[2,3],"
            + "\"acc_eagle\":{\"acc_len\":[4,1,1]}}\n");
    Path trace = directory.resolve("new/talk.jsonl.gz");
    String[] arguments = {
      "import", "--from", "accept-lengths", file.toString(), "--out", trace.toString()
    };
    Cli run = Cli.run(arguments);
    assertEquals(0, run.exit(), run.err());
    assertEquals("1 sequences, 2 positions: " + trace + "\n", run.out());
    // acceptLength is 1 for the prefill's token, then 4, 1
    String inspected = Cli.run("inspect", trace.toString()).out();
    assertTrue(inspected.contains("eagle, accept lengths only, mean 2.5000"), inspected);
    assertTrue(inspected.contains("talk: 1 sequences"), inspected);
    assertFalse(inspected.contains("lookup"), inspected);

    Cli again = Cli.run(arguments);
    assertEquals(2, again.exit());
    assertTrue(again.err().contains("overwrite it with --force"), again.err());
  }

  @Test
  void importReadsStandardInput() throws IOException {
    String line =
        "{\"id\":\"a\",\"prompt_token_ids\":[1],\"generated_token_ids\":[2,3],"
            + "\"acc_eagle\":{\"acc_len\":[4,1,1]}}\n";
    Path trace = directory.resolve("talk.jsonl");
    String[] arguments = {"import", "--from", "accept-lengths", "-", "--out", trace.toString()};
    assertEquals(
        List.of("redraft: standard input has no name; name its --domain"),
        Cli.run(arguments).err().lines().toList());
    arguments = Arrays.copyOf(arguments, arguments.length + 2);
    arguments[arguments.length - 2] = "--domain";
    arguments[arguments.length - 1] = "talk";
    assertEquals(
        List.of("redraft: standard input:2: \"id\" is missing"),
        runWithInput(line + line.replace("id", "name"), arguments).err().lines().toList());
    assertEquals("1 sequences, 2 positions: " + trace + "\n", runWithInput(line, arguments).out());
    try (var files = Files.list(directory)) {
      assertEquals(List.of(trace), files.toList());
    }
  }

  private static Cli runWithInput(String text, String... arguments) {
    InputStream before = System.in;
    try {
      System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
      return Cli.run(arguments);
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void inspectSaysWhichDraftCopiesEarlierText() throws IOException {
    Path file = directory.resolve("talk.jsonl");
    Files.writeString(
        file,
        "{\"id\":\"a\",\"prompt_token_ids\":[1],\"generated_token_ids\":[2,3],"
            + "\"acc_ngram\":{\"acc_len\":[4,1,1]}}\n");
    Path trace = directory.resolve("talk-trace.jsonl");
    Cli.run("import", "--from", "accept-lengths", file.toString(), "--out", trace.toString());
    String inspected = Cli.run("inspect", trace.toString()).out();
    assertTrue(inspected.contains("lookup: copies earlier text"), inspected);
    JsonNode json = new JsonMapper().readTree(Cli.run("inspect", "--json", trace.toString()).out());
    assertEquals("lookup", json.get("drafts").get(0).get("kind").asText());
  }

  @Test
  void anImportThatFailsLeavesTheOldTraceAlone() throws IOException {
    Path trace = trace();
    byte[] before = Files.readAllBytes(trace);
    Path file = Files.writeString(directory.resolve("wrong.jsonl"), "{\"id\":\"a\"}\n");
    Cli run =
        Cli.run(
            "import",
            "--from",
            "accept-lengths",
            "--force",
            file.toString(),
            "--out",
            trace.toString());
    assertEquals(1, run.exit());
    assertEquals(
        List.of("redraft: wrong.jsonl:1: \"prompt_token_ids\" is missing"),
        run.err().lines().toList());
    assertEquals(-1, Arrays.mismatch(before, Files.readAllBytes(trace)));
    try (var files = Files.list(directory)) {
      assertFalse(files.anyMatch(path -> path.getFileName().toString().contains("importing")));
    }
  }

  @Test
  void rulesThatNeedProbabilitiesRefuseManyAcceptLengthsInOneLine() throws IOException {
    Path trace =
        SampleTraces.write(
            directory.resolve("lengths.jsonl"),
            SampleTraces.header(LogitDetail.NONE),
            SampleTraces.acceptLengths(300, 1));
    Cli run =
        Cli.run(
            "replay", trace.toString(), "--draft", "small", "--rule", "block", "--cost-ratio", "0");
    assertEquals(2, run.exit());
    assertEquals(
        List.of(
            "redraft: rule 'block' needs draft log-probabilities; draft 'small' was imported with"
                + " accept lengths only, which rule 'token' replays"),
        run.err().lines().toList());
  }

  @Test
  void recordLeavesAnExistingTraceAloneAndNamesBothWaysOut() throws IOException {
    Path trace = trace();
    byte[] before = Files.readAllBytes(trace);
    Cli run = Cli.run("record", "--prompts", "none.jsonl", "--out", trace.toString());
    assertEquals(2, run.exit());
    assertTrue(run.err().contains("continue it with --resume if it was cut"), run.err());
    assertTrue(run.err().contains("overwrite it with --force"), run.err());
    assertEquals(-1, Arrays.mismatch(before, Files.readAllBytes(trace)));
  }

  @Test
  void resumeAndForceExcludeEachOther() {
    Cli run = Cli.run("record", "--prompts", "p.jsonl", "--out", "t.jsonl", "--resume", "--force");
    assertEquals(2, run.exit());
    assertTrue(run.err().contains("--resume, --force are mutually exclusive"), run.err());
  }
}
