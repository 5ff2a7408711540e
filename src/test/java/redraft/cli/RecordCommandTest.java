package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.model.onnx.Exports;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSummary;

class RecordCommandTest {
  @TempDir Path folder;

  private Path trace() {
    return folder.resolve("t.jsonl");
  }

  private Cli record(Path models, List<String> prompts, String... more) throws Exception {
    Path file = Files.write(folder.resolve("prompts.jsonl"), prompts);
    List<String> arguments =
        new ArrayList<>(List.of("record", "--models", models.toString(), "--prompts"));
    arguments.addAll(List.of(file.toString(), "--out", trace().toString()));
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray(String[]::new));
  }

  private static String prompt(String id, String domain) {
    return "{\"id\":\"" + id + "\",\"domain\":\"" + domain + "\",\"prompt\":\"the ferry\"}";
  }

  /** A pair whose draft has a context of 20 tokens, its target one of 64. */
  private Path pairOfAShortDraft() throws Exception {
    Path pair = Exports.copy("qwen2", folder.resolve("qwen2"));
    Path manifest = pair.resolve("pair.json");
    String text =
        Files.readString(manifest)
            .replace("\n  \"target\"", "\n  \"endTokens\": [],\n  \"target\"");
    int drafts = text.indexOf("\"drafts\"");
    Files.writeString(
        manifest,
        text.substring(0, drafts)
            + text.substring(drafts).replace("\"contextLength\": 64", "\"contextLength\": 20"));
    return pair;
  }

  /** A pair whose target is its own draft, under two names. */
  private Path pairOfTwoDrafts() throws Exception {
    Path directory = pairOfAShortDraft();
    Path manifest = directory.resolve("pair.json");
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode pair = (ObjectNode) mapper.readTree(manifest.toFile());
    ArrayNode drafts = pair.putArray("drafts");
    for (String name : List.of("first", "second")) {
      drafts.add(pair.get("target").<ObjectNode>deepCopy().put("name", name));
    }
    mapper.writeValue(manifest.toFile(), pair);
    return directory;
  }

  private List<String> draftNames() throws Exception {
    try (TraceReader reader = new TraceReader(trace())) {
      return reader.header().drafts().stream().map(TraceHeader.DraftInfo::name).toList();
    }
  }

  private List<String> ids() throws Exception {
    List<String> ids = new ArrayList<>();
    try (TraceReader reader = new TraceReader(trace())) {
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        ids.add(sequence.id());
      }
    }
    return ids;
  }

  @Test
  void aTextThatMayOutgrowTheDraftIsRefusedInOneLineOrStoppedWhereTheDraftIsFull()
      throws Exception {
    Path pair = pairOfAShortDraft();
    List<String> prompts = List.of(prompt("a", "sea"));
    Cli refused = record(pair, prompts, "--max-new-tokens", "30");
    assertEquals(1, refused.exit());
    assertEquals(1, refused.err().lines().count(), refused.err());
    assertTrue(
        refused.err().startsWith("redraft: prompt 'a' has ")
            && refused.err().contains("; the context of draft 'draft' is 20; lower")
            && refused.err().contains("--when-draft-is-full stop"),
        refused.err());
    assertFalse(Files.exists(trace()));

    Cli stopped = record(pair, prompts, "--max-new-tokens", "30", "--when-draft-is-full", "stop");
    assertEquals(0, stopped.exit(), stopped.err());
    try (TraceReader reader = new TraceReader(trace())) {
      TraceSequence sequence = reader.next();
      assertEquals(20, sequence.promptTokens().length + sequence.length());
      assertEquals(TraceSequence.Finish.LENGTH, sequence.finish());
    }
  }

  @Test
  void domainsTakeTurns() throws Exception {
    List<String> prompts =
        List.of(prompt("a1", "sea"), prompt("a2", "sea"), prompt("b1", "sky"), prompt("b2", "sky"));
    Path pair = Exports.directory("qwen2");
    Cli recorded = record(pair, prompts, "--max-new-tokens", "3", "--samples", "2");
    assertEquals(0, recorded.exit(), recorded.err());
    assertEquals(List.of("a1", "a1", "b1", "b1", "a2", "a2", "b2", "b2"), ids());
    assertTrue(Cli.run("record", "--help").out().contains("Domains take turns"));
  }

  @Test
  void onlyTheDraftsNamedAreRecordedInTheOrderOfThePair() throws Exception {
    Path twins = pairOfTwoDrafts();
    List<String> prompts = List.of(prompt("a", "sea"));
    assertEquals(0, record(twins, prompts, "--max-new-tokens", "3").exit());
    assertEquals(List.of("first", "second"), draftNames());
    Cli one = record(twins, prompts, "--max-new-tokens", "3", "--draft", "second", "--force");
    assertEquals(0, one.exit(), one.err());
    assertEquals(List.of("second"), draftNames());
    Cli both =
        record(
            twins,
            prompts,
            "--max-new-tokens",
            "3",
            "--draft",
            "second",
            "--draft",
            "first",
            "--force");
    assertEquals(0, both.exit(), both.err());
    assertEquals(List.of("first", "second"), draftNames());
    Cli none = record(twins, prompts, "--draft", "third", "--force");
    assertTrue(none.err().endsWith("has no draft 'third'; it has first, second\n"), none.err());
  }

  @Test
  void theFirstPromptsInRecordingOrderAreRecorded() throws Exception {
    List<String> prompts =
        List.of(prompt("a1", "sea"), prompt("a2", "sea"), prompt("b1", "sky"), prompt("b2", "sky"));
    Path pair = Exports.directory("qwen2");
    Cli recorded = record(pair, prompts, "--max-new-tokens", "3", "--limit", "3");
    assertEquals(0, recorded.exit(), recorded.err());
    assertEquals(List.of("a1", "b1", "a2"), ids());
  }

  @Test
  void anArchiveIsRecordedInShardsAndReplaysAsOneTraceDoes() throws Exception {
    List<String> prompts =
        List.of(prompt("a1", "sea"), prompt("a2", "sea"), prompt("b1", "sky"), prompt("b2", "sky"));
    Path pair = Exports.directory("qwen2");
    Path archive = folder.resolve("archive");
    String[] settings = {"--temperature", "1", "--samples", "2", "--max-new-tokens", "5"};
    assertEquals(0, record(pair, prompts, settings).exit());
    String line = "record --models " + pair + " --prompts " + folder.resolve("prompts.jsonl") + " ";
    line += String.join(" ", settings) + " --out " + archive + " --shards";
    assertEquals(
        "8 sequences, " + TraceSummary.of(trace()).positions() + " positions: " + archive + "\n",
        Cli.fine(line + " 12").out());
    assertTrue(Files.exists(archive.resolve("archive-00002.jsonl.gz")));
    String replay = " --cost-ratio 0.1 --csv - --by-domain";
    assertEquals(
        Cli.fine("replay " + trace() + replay).out().replace("t.jsonl,", "archive,"),
        Cli.fine("replay " + archive + replay).out());
    Cli again = Cli.run((line + " 12").split(" "));
    assertEquals(2, again.exit());
    assertEquals(
        "redraft: "
            + archive
            + " has shards of archive already; continue them with --resume if the recording was cut, overwrite them with"
            + " --force, or name another folder\n",
        again.err());
    assertTrue(Cli.fine(line + " 12 --resume").out().endsWith("nothing to record\n"));
    Cli.fine(line + " --force");
    assertFalse(Files.exists(archive.resolve("archive-00002.jsonl.gz")));
    assertEquals(
        "redraft: --out "
            + archive
            + " is a folder; name a file in it, or record --shards into it\n",
        Cli.run(line.replace(" --shards", "").split(" ")).err());
    assertEquals(
        "redraft: --out " + trace() + " is a file; name a folder for --shards\n",
        Cli.run(line.replace(archive.toString(), trace().toString()).split(" ")).err());
    assertEquals(
        "redraft: --shards 0 must be at least 1\n", Cli.run((line + " 0").split(" ")).err());
  }
}
