package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.model.onnx.Exports;

class ValidateCommandTest {
  @TempDir Path folder;

  private Cli validate(String... more) throws Exception {
    Path prompts =
        Files.writeString(
            folder.resolve("prompts.jsonl"),
            """
            {"id":"a","domain":"sea","prompt":"the ferry"}
            {"id":"b","domain":"sea","prompt":"the tide"}
            """);
    String[] arguments = {
      "validate",
      "--models",
      Exports.directory("qwen2").toString(),
      "--prompts",
      prompts.toString(),
      "--temperature",
      "0",
      "--rounds",
      "1",
      "--max-new-tokens",
      "6",
      "--draft-length",
      "64",
      "--out",
      folder.resolve("out").toString()
    };
    String[] all = java.util.Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return Cli.run(all);
  }

  /** Sixty-five rows are more than a pass has, so nothing could be measured at that length. */
  @Test
  void passesAreNotMeasuredWhereTheirTimesAreGiven() throws Exception {
    Cli measured = validate();
    assertEquals(2, measured.exit());
    assertTrue(measured.err().contains("rows 65 must be from 2 to 64"), measured.err());

    Cli given = validate("--profile", "llama-3.1-70b+llama-3.2-1b@h100-sxm");
    assertEquals(0, given.exit(), given.err());
    assertEquals(2, Files.readAllLines(folder.resolve("out/validation.csv")).size());
    Cli full = validate("--full", "--profile", "llama-3.1-70b+llama-3.2-1b@h100-sxm");
    assertEquals(0, full.exit(), full.err());
    assertEquals(3, Files.readAllLines(folder.resolve("out/validation.csv")).size());
  }

  @Test
  void rowsGoToStandardOutputAndFilesAsElsewhere() throws Exception {
    Path json = folder.resolve("new/v.json");
    Cli run =
        validate(
            "--profile",
            "llama-3.1-70b+llama-3.2-1b@h100-sxm",
            "--csv",
            "-",
            "--json",
            json.toString());
    assertEquals(0, run.exit(), run.err());
    assertEquals(
        Files.readAllLines(folder.resolve("out/validation.csv")), run.out().lines().toList());
    JsonNode row = new ObjectMapper().readTree(json.toFile()).get(0);
    assertEquals(64, row.get("draft_length").asInt());
    assertTrue(row.get("within_interval").asBoolean());
  }

  @Test
  void whatCannotBeIsRefusedBeforeAnythingIsDecoded() throws Exception {
    for (String[] wrong : new String[][] {{"--csv", "-", "--json"}, {"--samples", "0"}}) {
      Cli run = validate(wrong);
      assertEquals(2, run.exit(), run.err());
      assertEquals(1, run.err().lines().count(), run.err());
    }
    assertTrue(Files.notExists(folder.resolve("out")));
  }
}
