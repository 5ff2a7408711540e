package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.model.onnx.Exports;

/** A pair without drafts: one model, and drafts that need none. */
class TargetAloneTest {
  @TempDir Path folder;
  private Path alone;

  @BeforeEach
  void makeAPairWithoutDrafts() throws Exception {
    alone = Exports.copy("qwen2", folder.resolve("alone"));
    Path manifest = alone.resolve("pair.json");
    String text = Files.readString(manifest);
    String without = text.replaceFirst("(?s),\\s*\"drafts\": \\[.*?\\]", "");
    assertTrue(without.length() < text.length());
    Files.writeString(manifest, without);
  }

  @Test
  void generatesWithPromptLookupUnlessToldOtherwise() {
    String line =
        "generate --models " + alone + " --prompt a,b,a,b,a,b --max-new-tokens 8 --rounds 1";
    assertEquals(Cli.fine(line).generated(), Cli.fine(line + " --draft prompt-lookup").generated());
    Cli.fine(line + " --draft-length 0");
  }

  @Test
  void recordsATraceThatPromptLookupReplays() throws Exception {
    Path prompts =
        Files.writeString(
            folder.resolve("p.jsonl"),
            "{\"id\":\"a\",\"domain\":\"sea\",\"prompt\":\"a,b,a,b\"}\n");
    Path trace = folder.resolve("t.jsonl");
    Cli.fine(
        "record --models "
            + alone
            + " --prompts "
            + prompts
            + " --out "
            + trace
            + " --max-new-tokens 8");
    JsonNode rows = Cli.json("replay " + trace + " --cost-ratio 0.1 --draft-length 2");
    assertTrue(rows.toString().contains("\"draft\":\"prompt-lookup\""), rows.toString());
    Cli.fine("replay " + trace + " --cost-ratio 0.1 --draft prompt-lookup");
    Cli.fine("inspect " + trace);
  }

  @Test
  void isInspected() {
    String out = Cli.fine("inspect " + alone).out();
    assertTrue(out.contains("qwen2 (target)"), out);
  }

  @ParameterizedTest
  @CsvSource({
    "profile --out OUT,",
    "validate --out OUT --rounds 1,",
    "demo --out OUT,",
    "generate --prompt x --draft small,' ''small'''"
  })
  void whatNeedsADraftSaysSoInOneLine(String command, String name) {
    Cli run =
        Cli.run(
            (command.replace("OUT", folder.resolve("out") + "") + " --models " + alone).split(" "));
    assertEquals(2, run.exit(), run.err());
    assertEquals(
        "redraft: pair 'qwen2' has no draft"
            + (name == null ? "" : name)
            + ": it is a target alone; name a pair with a draft with --models,"
            + " or generate with --draft prompt-lookup",
        run.err().strip());
  }
}
